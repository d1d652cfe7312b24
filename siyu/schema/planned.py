"""Reading what a field's selection asks, in one sentence: a page, one row, a row by its id, or what a mutation has written."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast
from uuid import UUID

import strawberry
from graphql.pyutils import Path
from strawberry.types.field import StrawberryField
from strawberry.utils.await_maybe import await_maybe
from strawberry.utils.str_converters import to_camel_case

from siyu.domain.kernel.paging import PAGE_MAX, Slice
from siyu.domain.kernel.reading import Ask, Page, Reader, Row, Source, source_of
from siyu.schema.binding import BOUND
from siyu.schema.context import Info
from siyu.schema.relay import decode, split
from siyu.schema.selection import Selection
from siyu.schema.taking import Input

P = ParamSpec("P")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class PageOf:
    """The asked page of a noun; `where` is the noun's filter."""

    source: Source
    where: object | None = None
    order: str | None = None
    piece: Slice = field(default_factory=Slice)

    async def read(self, info: Info) -> Page:
        """As the selection below the field asks."""
        ask, counted = Selection(info._raw_info).ask_page(self.source)
        return await _reader(info).page(ask, where=self.where, order=self.order, piece=self.piece, counted=counted, path=_path(info))


@dataclass(frozen=True, slots=True)
class RowsOf:
    """All rows of a noun that has few, in its first order."""

    source: Source

    async def read(self, info: Info) -> list[Row]:
        """As the selection below the field asks."""
        return (await _reader(info).page(Selection(info._raw_info).ask(self.source), piece=ALL, path=_path(info))).rows


@dataclass(frozen=True, slots=True)
class RowOf:
    """The row with this key, or null."""

    source: Source
    key: UUID | None

    async def read(self, info: Info) -> Row | None:
        """As the selection below the field asks."""
        if self.key is None:
            return None
        return (await _reader(info).by_ids(Selection(info._raw_info).ask(self.source), [self.key], path=_path(info)))[0]


@dataclass(frozen=True, slots=True)
class NodesOf:
    """The rows with these global ids, of whatever nouns, in their order; null for what isn't there. `single`: the one, not a list."""

    ids: Sequence[str]
    single: bool = False

    async def read(self, info: Info) -> list[Row | None] | Row | None:
        """As the selection below the field asks of each noun."""
        found: dict[str, Row | None] = {}
        for noun, wanted in self.by_noun().items():
            ask = Selection(info._raw_info).ask(source_of(noun))
            rows = await _reader(info).by_ids(ask, [key for _, key in wanted], path=_path(info))
            found.update({text: row and {**row, "__typename": noun} for (text, _), row in zip(wanted, rows, strict=True)})
        return found.get(self.ids[0]) if self.single else [found.get(text) for text in self.ids]

    def by_noun(self) -> dict[str, list[tuple[str, UUID]]]:
        """The ids that name a noun of ours, with their keys."""
        known: dict[str, list[tuple[str, UUID]]] = {}
        for text in dict.fromkeys(self.ids):
            at = split(text)
            if at is not None and at[0] in BOUND:
                known.setdefault(at[0], []).append((text, at[1]))
        return known


Wish = PageOf | RowsOf | RowOf | NodesOf
ALL: Final = Slice(first=PAGE_MAX)

#: What the planner needs of a query's root field: its body, which turns arguments into a wish.
ROOTS: dict[str, Callable[..., Wish | Awaitable[Wish]]] = {}


def query(type_: object) -> Callable[[Callable[Concatenate[S, Info, P], Wish | Awaitable[Wish]]], StrawberryField]:
    """A query's field of this type. Its body says in one sentence what is wished for; its docstring is the description.

    A `Refusal` becomes an error with `extensions.code`.
    """

    def bind(body: Callable[Concatenate[S, Info, P], Wish | Awaitable[Wish]]) -> StrawberryField:
        @functools.wraps(body)
        async def resolve(self: S, info: Info, *args: P.args, **kwargs: P.kwargs) -> object:
            return await _read(info, cast(Wish, await await_maybe(body(self, info, *args, **kwargs))))

        name = to_camel_case(body.__name__.rstrip("_"))  # `import_`, where the SDL's word is one of Python's
        ROOTS[name] = body
        return cast(StrawberryField, strawberry.field(resolver=resolve, name=name, graphql_type=type_, description=inspect.getdoc(body)))

    return bind


def asked(info: Info, source: Source) -> Ask:
    """What the selection below the field asks of a noun's row, for what the domain reads itself."""
    return Selection(info._raw_info).ask(source)


async def _read(info: Info, wish: Wish) -> object:
    """By plan where there is one, which leaves nothing to the engine; else as rows."""
    if info.context.finisher is not None and isinstance(wish, PageOf | RowOf):
        finished = await info.context.finisher.finish(info._raw_info, wish)
        if finished is not None:
            return finished if finished.value is not None else None
    return await wish.read(info)


def _reader(info: Info) -> Reader:
    return Reader(info.context.actor, info.context.denied)


def key(noun: str, text: str | None) -> UUID | None:
    """The key in a global id given as the argument `id`; null stays null."""
    return None if text is None else decode(noun, text, ("id",))


def written(source: Source, *, by: str, name: str | None = None) -> Any:  # as Strawberry's own `field`: whatever the payload annotates
    """A payload's field: the row that the mutation wrote, read after its commit; `by` is the payload's private key of it."""

    async def resolve(root: object, info: Info) -> object:
        return await _read(info, RowOf(source, cast("UUID | None", getattr(root, by))))

    return strawberry.field(resolver=resolve, name=name, description=f"The {source.name} as it is now; null when nothing was done.")


def written_all(source: Source, *, by: str, name: str | None = None) -> Any:  # as above
    """The same for several rows: `by` is the payload's private tuple of their keys, whose order they keep."""

    async def resolve(root: object, info: Info) -> object:
        keys = cast("Sequence[UUID]", getattr(root, by))
        found = await _reader(info).by_ids(Selection(info._raw_info).ask(source), keys, path=_path(info)) if keys else []
        return [row for row in found if row is not None]

    return strawberry.field(resolver=resolve, name=name, description=f"Each {source.name} as it is now; empty when nothing was done.")


def filtered(filter: Input[Any] | None) -> object | None:  # the argument's name in the SDL
    """The domain's filter, or None."""
    return filter.to_domain(("filter",)) if filter is not None else None


def _path(info: Info) -> tuple[str, ...]:
    steps: list[str] = []
    at: Path | None = info.path
    while at is not None:
        if isinstance(at.key, str):
            steps.append(at.key)
        at = at.prev
    return tuple(reversed(steps))
