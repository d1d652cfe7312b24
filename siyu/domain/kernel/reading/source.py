"""What can be read of a noun, declared once beside its tables.

Facts of a column (kind, nullability, description, category, scope, sealed or not) come from the table's field; a source
names the columns that may be read and adds what a table can't say: expressions, parts, relations, filters and orders.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from siyu.domain.kernel.dialect import Kind, Statement
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.personal import About
from siyu.privacy.sealed import SealedField

_KINDS: Final[tuple[tuple[type[fields.Field], Kind], ...]] = (  # type: ignore[type-arg]  # any field
    (fields.UUIDField, Kind.ID),
    (fields.BooleanField, Kind.BOOL),
    (fields.DatetimeField, Kind.DATETIME),
    (fields.DateField, Kind.DATE),
    (fields.JSONField, Kind.JSON),
    (fields.FloatField, Kind.FLOAT),
    (fields.IntField, Kind.INT),
    (fields.SmallIntField, Kind.INT),
    (fields.BigIntField, Kind.INT),
    (fields.BinaryField, Kind.BYTES),
    (fields.CharField, Kind.TEXT),
    (fields.TextField, Kind.TEXT),
)
_SEALED_KINDS: Final = {"text": Kind.TEXT, "date": Kind.DATE, "json": Kind.JSON}


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a row. `sql` is an expression in which `{t}` stands for the row's alias."""

    name: str
    kind: Kind
    sql: str
    nullable: bool = True
    description: str = ""
    about: About | None = None
    #: The format of the sealed plaintext and where it is stored, or None for a clear column.
    sealed: str | None = None
    stored: str = ""
    #: Whether a whole number of it may need more than 32 bits.
    wide: bool = False

    @property
    def scope(self) -> Scope | None:
        """What a caller needs to see it, beside the source's own scope."""
        return self.about.scope if self.about else None


@dataclass(frozen=True, slots=True)
class Part:
    """An object made of columns of the same row, such as an amount with its currency.

    It is null where the column `null_with` is null. `lists` are relations of the row that are shown inside a part right below it.
    """

    name: str
    fields: Mapping[str, str | Part]
    description: str = ""
    null_with: str | None = None
    lists: Mapping[str, Many] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Derived:
    """A value worked out in the process from opened columns of the same row."""

    name: str
    kind: Kind
    needs: tuple[str, ...]
    compute: Callable[..., object]
    description: str = ""
    nullable: bool = True
    about: About | None = None
    #: Those of its needs that are told as denied, at the value's own place, where the caller may not see them.
    tells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class One:
    """Another noun's row that a column of this row names: by its id, or by a column `by` of its own that is unique."""

    name: str
    target: str
    via: str
    description: str = ""
    by: str = "id"


@dataclass(frozen=True, slots=True)
class Many:
    """Another noun's rows that name this one in their column `by`, in a fixed order, `most` of them where no page is asked."""

    name: str
    target: str
    by: str
    sort: str
    description: str = ""
    most: int = 200
    #: Arguments of the field, beside those of a page, and the condition that each one sets.
    arguments: Mapping[str, object] = field(default_factory=dict)

    @property
    def takes(self) -> bool:
        """Whether there are arguments beside those of a page."""
        return bool(self.arguments)


#: Another link: a `select` of one column, called as `Across.child`, of what hung below the parent whose id's SQL is given, for the
#: arguments that are given. Every value is bound.
Link = Callable[[Statement, str, Mapping[str, object]], str]


@dataclass(frozen=True, slots=True)
class Across(Many):
    """Another noun's rows that a table of links ties to this one, each once. Those that no list of theirs shows are left out.

    Sorted by id it walks an index of the link over (`parent`, `child`), however many rows there are; every other order sorts all of them.
    Where an argument of `linking` is given, `otherwise` gives the link.
    """

    by: str = field(default="id", init=False)
    link: str = field(kw_only=True)
    parent: str = field(kw_only=True)
    child: str = field(kw_only=True)
    otherwise: Link | None = field(default=None, kw_only=True)
    #: Arguments of the link, as a `Told` has them.
    linking: Mapping[str, object] = field(default_factory=dict, kw_only=True)

    @property
    def takes(self) -> bool:
        """Whether there are arguments beside those of a page."""
        return bool(self.arguments or self.linking)


#: Works a value out for rows of a noun, by their ids: of each what is shown; one that is missing is null. Arguments go by the
#: domain's names; those that were left out are missing or None.
Load = Callable[[Actor, Sequence[UUID], Mapping[str, object]], Awaitable[Mapping[UUID, object]]]


@dataclass(frozen=True, slots=True)
class Told:
    """A value that the noun works out itself, once for all rows of a page: a scalar, an object (a dict by the domain's names, or anything
    with such attributes), or a list of those.

    Only for nouns that are nobody's: no grant is asked for what it tells, so `load` itself keeps to what the actor's purpose reaches.
    An argument is a type, `Annotated` with `Ref` where it is a global id and with `Doc`; it must be given unless it may be None.
    """

    name: str
    load: Load
    description: str = ""
    nullable: bool = True
    #: What a caller needs to see it, beside the source's own scope.
    scope: Scope | None = None
    arguments: Mapping[str, object] = field(default_factory=dict)
    #: What an operation is charged for each row: the objects in it at the most.
    most: int = 1


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that happened to this row's person: a page of moments of every noun that declared one, newest first."""

    name: str
    description: str = ""


Readable = Column | Part | Derived | One | Many | Timeline | Told


@dataclass(frozen=True, slots=True)
class Order:
    """A named order of a list; ties are broken by id in the same direction, so a keyset is exact."""

    name: str
    column: str
    descending: bool = True


class Source:
    """What can be read of one noun."""

    def __init__(
        self,
        name: str,
        *,
        table: type[Model],
        scope: Scope | None,
        columns: Sequence[str],
        description: str = "",
        more: Sequence[Readable] = (),
        orders: Sequence[Order] = (Order("CREATED_AT_DESC", "created_at"),),
        internal: Sequence[str] = (),
        where: str = "",
    ) -> None:
        """`where`: SQL over `{t}` that holds for all rows of lists and counts; a row that is named by its id is there all the same."""
        self.name = name
        self.scope = scope
        self.description = description
        self.model = table
        self.where = where.format(t="t")
        self.table: str = table._meta.db_table
        self.subject: str | None = getattr(table, "subject", None)
        #: Further columns that name a person: whoever may not see one of them doesn't see the row in a list.
        self.others: tuple[str, ...] = getattr(table, "others", ())
        self.columns: dict[str, Column] = {key: _column(table, key) for key in dict.fromkeys(("id", *columns, *internal))}
        for extra in (self.subject, *(order.column for order in orders)):
            if extra and extra not in self.columns:
                self.columns[extra] = _column(table, extra)
        self.readable: dict[str, Readable] = {key: self.columns[key] for key in dict.fromkeys(("id", *columns))}
        for item in more:
            assert self.subject is None or not isinstance(item, Told), f"{name}.{item.name} tells of a person: declare a relation"
            self.readable[item.name] = item
            if isinstance(item, Column):
                self.columns[item.name] = item
        self.orders: dict[str, Order] = {order.name: order for order in orders}
        SOURCES[name] = self

    def value(self, name: str) -> Column | Derived:
        """What is shown under this name: a column, or what is worked out from some."""
        found = self.readable.get(name)
        return found if isinstance(found, Column | Derived) else self.columns[name]

    def order(self, name: str | None) -> Order:
        """The named order, or the first declared."""
        return self.orders[name] if name else next(iter(self.orders.values()))


#: Every source by the name of its type in the SDL.
SOURCES: Final[dict[str, Source]] = {}


def source_of(name: str) -> Source:
    """The source of a noun; a missing one is an error of ours."""
    return SOURCES[name]


def _column(table: type[Model], name: str) -> Column:
    described = table._meta.fields_map[name]
    stored = described.source_field or name
    usual = Column(
        name,
        Kind.TEXT,
        f"{{t}}.{stored}",
        nullable=described.null,
        description=described.description or "",
        about=getattr(described, "about", None),
        stored=stored,
        wide=isinstance(described, fields.BigIntField),
    )
    if isinstance(described, SealedField):
        return replace(usual, kind=_SEALED_KINDS[described.format], sealed=described.format)
    if name.endswith("_e4"):
        return replace(usual, kind=Kind.MONEY)
    kind = next((kind for python, kind in _KINDS if isinstance(described, python)), None)
    assert kind is not None, f"{table.__name__}.{name}: no kind for {type(described).__name__}"
    return replace(usual, kind=kind)
