"""At which stage customers are and how active, kept beside each so that lists filter by it. The policy is another noun's."""

from __future__ import annotations

from siyu.domain.kernel import database
from siyu.domain.kernel.dialect import Statement
from siyu.domain.kernel.operation import operation
from siyu.privacy.actor import Actor


@operation(writes=True)
async def staged(actor: Actor, statement: Statement, given: str) -> None:
    """Put these in the place of what was, in one statement; the calling operation has checked a scope of its own.

    `given` is a `select` of the statement with a row a customer: `id`, `stage` and `activity`, of which null stays as it is.
    """
    await database.run(
        "update customers set lifecycle_stage = coalesce(g.stage, customers.lifecycle_stage),"  # noqa: S608  # ours
        f" activity = coalesce(g.activity, customers.activity) from ({given}) g where customers.id = g.id",
        statement.args,
    )
