"""What a caller asks of a noun, free of any transport: columns, parts and nested lists, with where each goes in the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from siyu.domain.kernel.paging import Slice
from siyu.domain.kernel.reading.source import Column, Derived, Many, One, Part, Source, Timeline, Told, source_of
from siyu.privacy.actor import Scope

Path = tuple[str, ...]


class Reason(StrEnum):
    """Why a field was denied."""

    SCOPE_REQUIRED = "SCOPE_REQUIRED"
    CONSENT_REQUIRED = "CONSENT_REQUIRED"
    OBJECTED = "OBJECTED"
    RESTRICTED = "RESTRICTED"
    ERASED = "ERASED"
    PURPOSE_UNKNOWN = "PURPOSE_UNKNOWN"


@dataclass(frozen=True, slots=True)
class Denial:
    """A field of the answer that this caller may not see: shown in `extensions.privacy.denied`.

    `path` holds response keys without list indexes; `count` is the number of rows that it was denied in, None for all.
    """

    path: Path
    reason: Reason
    scope: Scope | None = None
    count: int | None = None


@dataclass(slots=True)
class Nested:
    """A relation that was asked, under the response key that its rows go to."""

    key: str
    relation: One | Many
    ask: Ask
    slice: Slice = field(default_factory=Slice)
    #: Whether a page was asked (a connection) or the plain list.
    paged: bool = False
    count: bool = False
    arguments: Mapping[str, object] = field(default_factory=dict)
    #: Response keys between the row and the relation: a row shown as `nodes` and as `edges.node` may ask differently in each.
    prefix: Path = ()

    @property
    def path(self) -> Path:
        """Response keys from the row to the relation."""
        return (*self.prefix, self.key)

    @property
    def slot(self) -> str:
        """Where the row keeps what was fetched."""
        return slot(self.path)


@dataclass(slots=True)
class Recounted:
    """A timeline that was asked: what is asked of each of its kinds, as of a nested list of that kind's rows."""

    key: str
    relation: Timeline
    slice: Slice
    kinds: list[Nested] = field(default_factory=list)
    prefix: Path = ()

    @property
    def path(self) -> Path:
        """Response keys from the row to the timeline."""
        return (*self.prefix, self.key)

    @property
    def slot(self) -> str:
        """Where the row keeps the page."""
        return slot(self.path)


@dataclass(slots=True)
class Telling:
    """A value that the noun works out, as it was asked: under its response key, with these arguments by the domain's names."""

    key: str
    item: Told
    arguments: Mapping[str, object]
    prefix: Path = ()

    @property
    def path(self) -> Path:
        """Response keys from the row to the value."""
        return (*self.prefix, self.key)

    @property
    def slot(self) -> str:
        """Where the row keeps the value."""
        return slot(self.path)


@dataclass(slots=True)
class Ask:
    """The asked columns of one source, and what hangs below it."""

    source: Source
    #: Response paths, relative to the row, of each asked column.
    columns: dict[str, list[Path]] = field(default_factory=dict)
    parts: dict[str, set[str]] = field(default_factory=dict)
    derived: dict[str, list[Path]] = field(default_factory=dict)
    nested: list[Nested] = field(default_factory=list)
    timelines: list[Recounted] = field(default_factory=list)
    told: list[Telling] = field(default_factory=list)

    def want(self, name: str, path: Path = ()) -> None:
        """Ask for a column or a derived value by name."""
        item = self.source.readable.get(name) or self.source.columns[name]
        at = path or (name,)
        if isinstance(item, Derived):
            self.derived.setdefault(name, []).append(at)
            for need in item.needs:
                self.columns.setdefault(need, []).extend([at] if need in item.tells else [])
        else:
            assert isinstance(item, Column), f"{self.source.name}.{name} is no value"
            self.columns.setdefault(name, []).append(at)

    def want_part(self, part: Part, steps: tuple[str, ...], leaf: str, path: Path) -> None:
        """Ask for one value in a part of the row, `steps` being the parts between."""
        within: str | Part = part
        for step in (*steps, leaf):
            assert isinstance(within, Part), f"{part.name} has no part {step}"
            within = within.fields[step]
        assert isinstance(within, str), f"{part.name}.{leaf} is no value"
        self.want(within, path)
        self.parts.setdefault(part.name, set()).add(".".join((*steps, leaf)))

    def want_whole(self, top: Part, part: Part, steps: tuple[str, ...]) -> None:
        """Ask whether a part is there at all, be no value of it asked; `steps` lead to it from the row's part `top`."""
        wanted = self.parts.setdefault(top.name, set())
        if steps:
            wanted.add(".".join((*steps, "")))
        if part.null_with:
            self.columns.setdefault(part.null_with, [])

    def nest(self, nested: Nested) -> Nested:
        """Ask for a relation; returns it, for what is asked below it."""
        self.nested.append(nested)
        if isinstance(nested.relation, One):
            self.columns.setdefault(nested.relation.via, [])
        return nested


def below(relation: One | Many) -> Ask:
    """An empty ask of the noun that a relation leads to."""
    return Ask(source_of(relation.target))


def slot(path: Path) -> str:
    """Where a row keeps what was fetched for the relation at this path of response keys."""
    return "@" + ".".join(path)
