"""Reading what a field's selection asks, in one sentence: a page, one row, a row by its id, or what a mutation has written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import strawberry
from graphql.pyutils import Path

from siyu.domain.kernel.paging import Slice
from siyu.domain.kernel.reading import Ask, Page, Reader, Row, Source, source_of
from siyu.schema.binding import BOUND
from siyu.schema.context import Info
from siyu.schema.relay import decode, split
from siyu.schema.selection import Selection
from siyu.schema.taking import Input


def reader(info: Info) -> Reader:
    """A reader for who asks; what it denies is told in the answer's extensions."""
    return Reader(info.context.actor, info.context.denied)


async def page(info: Info, source: Source, *, where: object | None = None, order: str | None = None, piece: Slice | None = None) -> Page:
    """The asked page of a noun."""
    ask, counted = Selection(info._raw_info).ask_page(source)
    return await reader(info).page(ask, where=where, order=order, piece=piece, counted=counted, path=_path(info))


async def rows(info: Info, source: Source) -> list[Row]:
    """All rows of a noun that has few, in its first order."""
    return (await reader(info).page(Selection(info._raw_info).ask(source), piece=Slice(first=250), path=_path(info))).rows


async def one(info: Info, source: Source, key: UUID | None) -> Row | None:
    """The row with this key, or null."""
    return None if key is None else (await reader(info).by_ids(Selection(info._raw_info).ask(source), [key], path=_path(info)))[0]


async def nodes(info: Info, ids: Sequence[str]) -> list[Row | None]:
    """The rows with these global ids, of whatever nouns, in their order; null for what isn't there."""
    found: dict[str, Row | None] = {}
    by_noun: dict[str, list[tuple[str, UUID]]] = {}
    for text in ids:
        at = split(text)
        if at is not None and at[0] in BOUND:
            by_noun.setdefault(at[0], []).append((text, at[1]))
    for noun, wanted in by_noun.items():
        ask = Selection(info._raw_info).ask(source_of(noun))
        read = await reader(info).by_ids(ask, [key for _, key in wanted], path=_path(info))
        found.update({text: row and {**row, "__typename": noun} for (text, _), row in zip(wanted, read, strict=True)})
    return [found.get(text) for text in ids]


def asked(info: Info, source: Source) -> Ask:
    """What the field's selection asks of the one row that it gives, for an operation that reads it by rules of its own."""
    return Selection(info._raw_info).ask(source)


def key(noun: str, text: str | None) -> UUID | None:
    """The key in a global id given as the argument `id`; null stays null."""
    return None if text is None else decode(noun, text, ("id",))


def written(source: Source, *, by: str) -> Any:  # as Strawberry's own `field`: whatever the payload annotates
    """A payload's field: the row that the mutation wrote, read after its commit; `by` is the payload's private key of it."""

    async def resolve(root: object, info: Info) -> Row | None:
        return await one(info, source, cast("UUID | None", getattr(root, by)))

    return strawberry.field(resolver=resolve, description=f"The {source.name} as it is now; null when nothing was done.")


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
