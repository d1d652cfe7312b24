"""Keeping who has what a rule gives: the difference is worked out and written, and nothing else.

The log is written first, in the one statement that applies the rule; then the log's rows are applied to who is in. So a rule that
changes nothing costs one statement that writes no row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.operation import operation
from siyu.domain.rules.inputs import Rule
from siyu.privacy.actor import Actor

#: People who are named one by one; of more than so many only the number is told.
NAMED_MAX: Final = 2_000

#: A value and its kind, for columns of rows that are written.
Typed = tuple[object, Kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """The two tables in which a noun keeps who has one of its things, and what else their rows hold. Names are ours, values are bound.

    Both tables have the columns `id`, `customer_id` and `owner`; the first is unique over (`owner`, `customer_id`).
    """

    #: Who has it now, and the log of who got it and lost it.
    table: str
    changes: str
    #: The column of both that names the thing: `segment_id`, `tag_id`.
    owner: str
    #: Of the log: whether the row says that it was got. The log's moment is `at`.
    entered: str
    #: Of the table: since when.
    since: str
    #: Further columns of the table's new rows.
    row: Mapping[str, Typed] = field(default_factory=dict)
    #: Further columns of the log's new rows: for who gets it, and for who loses it.
    log: Mapping[str, tuple[Typed, Typed]] = field(default_factory=dict)
    #: SQL over `{m}`, a row of the table: whether the rule may take it away. Empty: it may take any.
    mine: str = ""
    #: SQL `select customer_id from … where … = {owner}`: who has it whatever the rule says, and who never. Empty: nobody.
    always: str = ""
    never: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What has changed: how many got it and lost it, at which moment; and who, unless they are more than `NAMED_MAX`."""

    entered: int
    left: int
    at: datetime
    entered_ids: tuple[UUID, ...] | None = ()
    left_ids: tuple[UUID, ...] | None = ()


@operation(writes=True)
async def keep(actor: Actor, keeping: Keeping, owner_id: UUID, rule: Rule | None, *, people: Sequence[UUID] | None = None) -> Kept:
    """Bring who has this thing in line with its rule, for everybody or for just these people; None is a rule that nobody meets.

    Nobody else works at the same thing for everybody meanwhile, nor at one of the people. The caller has checked a scope of its own.
    """
    raise NotImplementedError
