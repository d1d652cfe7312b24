"""What a compiled selection is made of: levels that each are one statement, and layouts of the answer wherever their rows are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, cast

from graphql import ArgumentNode, FieldNode, GraphQLObjectType, Undefined, VariableNode, get_argument_values, is_non_null_type
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues

from siyu.domain.kernel.paging import Slice
from siyu.domain.kernel.reading import Column, Denial, Derived, Many, One, Path, Source, Told

Details = list[FieldDetails]
NO_VARIABLES: Final = VariableValues({}, {})


class Unplannable(Exception):
    """This selection, or this answer, is left to the engine; the text says why."""


@dataclass(frozen=True, slots=True)
class TypeName:
    """`__typename`: a constant."""

    name: str


@dataclass(frozen=True, slots=True)
class Value:
    """A column of the row; None stands for one that this caller may not see, which is null."""

    column: Column | None


@dataclass(frozen=True, slots=True)
class Computed:
    """A derived value of the row, from columns by name; one that may not be seen is None."""

    derived: Derived
    needs: tuple[Column | None, ...]


@dataclass(frozen=True, slots=True)
class Object:
    """An object of the answer: response keys in order. `null_with` is the column that makes all of it null."""

    entries: tuple[tuple[str, Entry], ...]
    null_with: Column | None = None


@dataclass(frozen=True, slots=True)
class Below:
    """What a relation brings, by its place among the level's relations."""

    index: int
    many: bool
    nullable: bool


@dataclass(frozen=True, slots=True)
class Edges:
    """`edges` of a page: each entry is the row's cursor or the row itself."""

    entries: tuple[tuple[str, Object | str], ...]


@dataclass(frozen=True, slots=True)
class Connection:
    """The layout of a page: rows under `nodes` and `edges`, facts of the page by their SDL name."""

    entries: tuple[tuple[str, ConnectionEntry], ...]


@dataclass(frozen=True, slots=True)
class ItemId:
    """The id of a timeline's item: its row's, under a name that tells the kind."""

    noun: str


@dataclass(frozen=True, slots=True)
class Properties:
    """An object of JSON: values by the names that the domain gives them."""

    entries: tuple[tuple[str, Value | Computed], ...]


@dataclass(frozen=True, slots=True)
class Records:
    """A list of plain objects that a column of JSON holds: of each, the members by response key."""

    value: Value
    entries: tuple[tuple[str, TypeName | str], ...]


@dataclass(frozen=True, slots=True)
class Recounted:
    """A timeline, by its place among the level's."""

    index: int


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """A value that the noun works out, by its place among the level's."""

    index: int


Entry = TypeName | Value | Computed | Object | Below | ItemId | Properties | Records | Recounted | WorkedOut
#: `Object`: rows as they are; `Edges`: with cursors; a tuple: `pageInfo` with its own entries; a text: `totalCount`.
ConnectionEntry = TypeName | Object | Edges | tuple[tuple[str, str | TypeName], ...] | str


@dataclass(frozen=True, slots=True)
class Items:
    """The layout of a timeline's rows of one kind: an item for each place of the page that shows them, and whether cursors are shown."""

    places: tuple[Object, ...]
    cursors: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a timeline's page shows its items: the number of the place."""

    number: int


@dataclass(frozen=True, slots=True)
class PlacedEdges:
    """`edges` of a timeline's page: each entry is the item's cursor or the item itself."""

    entries: tuple[tuple[str, Place | TypeName | str], ...]


#: What a key of a timeline's page holds; a tuple is `pageInfo` with its own entries.
PlacedEntry = Place | PlacedEdges | TypeName | tuple[tuple[str, str | TypeName], ...]


@dataclass(slots=True)
class Timeline:
    """A timeline below a level: the layout of its page, and the relations that it is merged from."""

    entries: tuple[tuple[str, PlacedEntry], ...]
    arguments: Arguments
    #: The relations of its kinds by their place among the level's, and the kinds that this caller may not see.
    kinds: list[int] = field(default_factory=list)
    denied: dict[str, Denial] = field(default_factory=dict)

    def asks(self, kind: str, variables: VariableValues) -> bool:
        """Whether items of this kind are asked."""
        kinds = cast("list[str] | None", self.arguments.values(variables).get("kinds"))
        return kinds is None or kind in kinds

    def denials(self, variables: VariableValues) -> list[Denial]:
        """The kinds that are asked and may not be seen."""
        return [denial for kind, denial in self.denied.items() if self.asks(kind, variables)]


@dataclass(frozen=True, slots=True)
class Telling:
    """A value that the noun of a level works out for its rows, and what shows it."""

    item: Told
    arguments: Arguments
    present: Callable[[object], object]
    path: Path


@dataclass(slots=True)
class Child:
    """A relation below a level."""

    relation: One | Many
    level: Level
    layout: Object | Connection | Items
    paged: bool
    counted: bool
    arguments: Arguments
    path: Path
    #: The person of its rows is the parent itself, so a grant for the parents covers them.
    same_person: bool
    #: The timeline that its rows are a kind of.
    timeline: Timeline | None = None

    def asked(self, variables: VariableValues) -> bool:
        """Whether it is read at all: kinds that are not asked are not."""
        return self.timeline is None or self.timeline.asks(self.relation.name, variables)

    @property
    def count_only(self) -> bool:
        """Whether nothing but the count of a page is shown."""
        return isinstance(self.layout, Connection) and all(
            isinstance(each, TypeName) or each == "totalCount" for _, each in self.layout.entries
        )


@dataclass(slots=True)
class Level:
    """One noun at one place of the tree: all its rows come from one statement."""

    source: Source
    columns: dict[str, Column] = field(default_factory=dict)
    children: list[Child] = field(default_factory=list)
    timelines: list[Timeline] = field(default_factory=list)
    told: list[Telling] = field(default_factory=list)
    #: Fields that this caller may not see: listed when the level is read.
    denials: list[Denial] = field(default_factory=list)
    #: The personal columns that are shown, by name.
    personal: dict[str, Column] = field(default_factory=dict)
    _audited: tuple[frozenset[str], bool] | None = None

    def audited(self) -> tuple[frozenset[str], bool]:
        """What the audit trail calls the personal columns, and whether one of them is sealed. Asked once the level is complete."""
        if self._audited is None:
            names = frozenset(f"{self.source.name}.{name}" for name in self.personal)
            self._audited = names, any(column.sealed for column in self.personal.values())
        return self._audited

    def want(self, name: str) -> Column:
        """Fetch a column, whoever asks for it."""
        return self.columns.setdefault(name, self.source.columns[name])


@dataclass(slots=True)
class Arguments:
    """The arguments of a field: worked out once where no variable is in them."""

    type_: GraphQLObjectType
    details: Details
    constant: dict[str, object] | None = None
    #: Where every variable is an argument by itself, and may be null: what else is given, and the variables by argument.
    direct: tuple[dict[str, object], tuple[tuple[str, str], ...]] | None = None

    def values(self, variables: VariableValues) -> dict[str, object]:
        """Coerced, by the SDL's names."""
        if self.constant is not None:
            return self.constant
        if self.direct is not None:
            given, coerced = dict(self.direct[0]), variables.coerced
            for name, variable in self.direct[1]:
                if variable in coerced:
                    given[name] = coerced[variable]
            return given
        node = self.details[0].node
        return get_argument_values(self.type_.fields[node.name.value], node, variables)

    def settle(self) -> None:
        """Work out beforehand what can be."""
        node = self.details[0].node
        declared = self.type_.fields[node.name.value]
        variables: list[tuple[str, str]] = []
        constants: list[ArgumentNode] = []
        for each in node.arguments or ():
            type_ = declared.args[each.name.value]
            if not has_variable(each.value):
                constants.append(each)
            elif isinstance(each.value, VariableNode) and not is_non_null_type(type_.type) and type_.default_value is Undefined:
                variables.append((type_.out_name or each.name.value, each.value.name.value))
            else:
                return
        given = get_argument_values(declared, FieldNode(name=node.name, arguments=tuple(constants)), NO_VARIABLES)
        if variables:
            self.direct = given, tuple(variables)
        else:
            self.constant = given

    def slice(self, variables: VariableValues) -> Slice:
        """The part of a nested list that is asked."""
        given = self.values(variables)
        return Slice(first=cast("int | None", given.get("first")), after=cast("str | None", given.get("after")))


def has_variable(value: object) -> bool:
    """Whether a literal of the document has a variable in it."""
    kind = getattr(value, "kind", "")
    if kind == "variable":
        return True
    inner = getattr(value, "values", None) or [each.value for each in getattr(value, "fields", ())]
    return any(has_variable(each) for each in inner)
