"""Which segments and tags a change concerns: known in the process, so that a write that concerns none costs no statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Final
from uuid import UUID

from siyu.domain.kernel import database
from siyu.domain.kernel.believing import Belief
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.touching import Change, Touched
from siyu.domain.rules.tables import HolderKind, RuleReference
from siyu.privacy.actor import Actor

#: Announced when rules speak of something else than before.
WATCHED: Final = "rules_watched"

#: A segment or tag.
Owner = tuple[HolderKind, UUID]

_TABLE: Final = RuleReference._meta.db_table
_EDGES: Final = {Change.SEGMENT: HolderKind.SEGMENT, Change.TAG: HolderKind.TAG}


@dataclass(frozen=True, slots=True)
class Watched:
    """What rules speak of, and whose rules they are."""

    by_change: Mapping[Change, Mapping[str, frozenset[Owner]]] = field(default_factory=dict)

    def owners(self, touched: Touched) -> frozenset[Owner]:
        """Whose rules speak of what was touched."""
        if touched.change is Change.STANDING:
            return frozenset(owner for by_name in self.by_change.values() for owners in by_name.values() for owner in owners)
        by_name = self.by_change.get(touched.change, {})
        named = (by_name.get(name, frozenset()) for name in (*touched.names, "")) if touched.names else by_name.values()
        return frozenset(owner for owners in named for owner in owners)


@operation()
async def watched(actor: Actor) -> Watched:
    """What rules speak of, as far as this process knows: at most a second late, and no statement while nothing changes."""
    return await _WATCHED.now()


async def _read() -> Watched:
    found: dict[Change, dict[str, set[Owner]]] = defaultdict(lambda: defaultdict(set))
    for kind, owner_id, change, name in await database.rows(f"select holder_kind, holder_id, change, name from {_TABLE}"):  # noqa: S608  # ours
        found[Change(change)][name].add((HolderKind(kind), UUID(str(owner_id))))
    return Watched({change: {name: frozenset(owners) for name, owners in by_name.items()} for change, by_name in found.items()})


_WATCHED: Final = Belief(WATCHED, _read)


@operation()
async def concerned(actor: Actor, touched: Sequence[Touched]) -> set[Owner]:
    """Whose rules speak of what was touched, as it is written down now. One statement."""
    statement = Statement(database.dialect())
    changes = statement.among("change", sorted({each.change.value for each in touched}), Kind.TEXT)
    everything = any(each.change is Change.STANDING for each in touched)
    sql = f"select holder_kind, holder_id, change, name from {_TABLE}{'' if everything else f' where {changes}'}"  # noqa: S608  # bound values only
    rows = await database.rows(sql, [] if everything else statement.args)
    return {
        (HolderKind(kind), UUID(str(owner_id)))
        for kind, owner_id, change, name in rows
        if everything or any(each.change == change and (not each.names or name in ("", *each.names)) for each in touched)
    }


@operation()
async def levels(actor: Actor, owners: Collection[Owner]) -> list[list[Owner]]:
    """The same in the order of dependence: those of one level speak of none of their own, nor of a later one. One statement at the most."""
    if len(owners) < 2:
        return [list(owners)] if owners else []
    sorter: TopologicalSorter[Owner] = TopologicalSorter(await depending(actor, owners))
    try:
        sorter.prepare()
    except CycleError:  # two rules of the same moment: no order is right, and each run brings them nearer
        return [sorted(owners)]
    found: list[list[Owner]] = []
    while sorter.is_active():
        ready = sorter.get_ready()
        sorter.done(*ready)
        found.append(sorted(ready))
    return found


@operation()
async def depending(actor: Actor, owners: Iterable[Owner]) -> dict[Owner, set[Owner]]:
    """Of which others of these each speaks. One statement."""
    found: dict[Owner, set[Owner]] = {owner: set() for owner in owners}
    statement = Statement(database.dialect())
    changes = statement.among("change", [each.value for each in _EDGES], Kind.TEXT)
    sql = f"select holder_kind, holder_id, change, name from {_TABLE} where {changes}"  # noqa: S608  # bound values only
    for kind, owner_id, change, name in await database.rows(sql, statement.args):
        owner, other = (HolderKind(kind), UUID(str(owner_id))), (_EDGES[Change(change)], UUID(name))
        if owner in found and other in found:
            found[owner].add(other)
    return found
