"""How many a rule holds for, while somebody edits it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.rules.calendar import asked
from siyu.domain.rules.compiling import matching
from siyu.domain.rules.inputs import Rule
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.reach import reach


@dataclass(frozen=True, slots=True)
class Counted:
    """Of the customers whom the caller's purpose reaches: for how many the rule holds, how many there are, and some for whom it does."""

    count: int
    everybody: int
    #: The newest customers first.
    ids: list[UUID]


@operation(Scope.CUSTOMERS_READ)
async def counted(actor: Actor, rule: Rule, *, sample: int) -> Counted:
    """Count those for whom a checked rule holds, with the ids of the `sample` newest of them; under the purpose's reach. One statement.

    Exact: whoever shows it to partners hides small groups (`privacy.small`).
    """
    under = await reach(actor.purpose)
    statement = Statement(database.dialect())
    reached = under.condition("t.id", statement.bind) or "true"
    sql = (
        f"with those as materialized (select t.id from ({matching(statement, rule, asked())}) t where {reached})"  # noqa: S608  # bound values only
        f" select count(*), (select count(*) from customers t where t.merged_into_id is null and {reached}), null from those"
        f" union all select * from (select 0, 0, h.id from those h order by h.id desc limit {int(sample)}) s"
    )
    count, everybody, ids = 0, 0, []
    for row in await database.rows(sql, statement.args):
        if row[2] is None:
            count, everybody = int(row[0]), int(row[1])
        else:
            ids.append(UUID(str(row[2])))
    return Counted(count, everybody, sorted(ids, reverse=True))
