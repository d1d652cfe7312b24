"""What a segment tells: its measures, its size day by day, sudden losses, why somebody is in it; and whom a rule would find."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, cast
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.scalars import JSON

from siyu.domain import segments
from siyu.domain.kernel.reading import Row
from siyu.domain.segments import SAMPLE_MAX, SAMPLE_USUAL, Override, Preview
from siyu.schema import relay
from siyu.schema.context import Info
from siyu.schema.errors import query
from siyu.schema.lifecycle import StageCount
from siyu.schema.money import Money
from siyu.schema.planned import NodesOf
from siyu.schema.relay import Node
from siyu.schema.rules import SegmentRuleInput

if TYPE_CHECKING:
    from siyu.schema.customers import Customer


@strawberry.type(
    description="The same measures for each audience, over the members whom your purpose reaches. To an access token no number tells of"
    " fewer than ten people: 1 to 9 is shown as 0, and what is worked out from them as 0 or null."
)
class SegmentInsight:
    customers: int = strawberry.field(description="How many members there are.")
    orders: int = strawberry.field(description="How many orders of theirs count.")
    revenue: Money = strawberry.field(
        description="What these come to after refunds, in the organisation's currency; those without an exchange rate are not in it."
    )
    average_order_value: Money | None = strawberry.field(
        description="Mean of the orders in `revenue`, rounded to hundredths; null without any."
    )
    repeat_purchase_rate: float | None = strawberry.field(
        description="The part of those who ordered that ordered at least twice, from 0 to 1; null where nobody ordered."
    )
    satisfaction: float | None = strawberry.field(description="How satisfied they say they are; null while no answers are known.")
    by_lifecycle: list[StageCount] = strawberry.field(description="How many are at each stage, every stage once.")


@strawberry.type(description="A sudden loss of members: at least twenty people and a fifth of all within a day.")
class SegmentDrop:
    at: datetime.datetime = strawberry.field(description="When it was noticed.")
    ratio: float = strawberry.field(description="What part of the members was lost, from 0 to 1.")
    before: int | None = strawberry.field(description="How many there were; null where your purpose leaves people out.")
    after: int | None = strawberry.field(description="How many were left; null where your purpose leaves people out.")
    rule_version: int = strawberry.field(description="The version of the rule that was applied.")
    path: str | None = strawberry.field(
        description="Where in the rule the condition is that lost them (`all.1`), empty for a rule of one condition; null when it is no"
        " one condition."
    )
    condition: str | None = strawberry.field(description="That condition, as the rule's text spells it.")
    share: float | None = strawberry.field(description="What part of those lost no longer meets it, from 0 to 1.")


@strawberry.type(description="How large a segment was on one day of the organisation's time zone.")
class SegmentSize:
    date: datetime.date = strawberry.field(description="The day.")
    count: int = strawberry.field(description="How many were in it as the day ended; today, as it is now.")
    entered: int = strawberry.field(description="How often somebody entered that day.")
    left: int = strawberry.field(description="How often somebody left that day.")
    drop: SegmentDrop | None = strawberry.field(description="The sudden loss of that day, if there was one.")


@strawberry.type(description="One node of a rule, for one customer.")
class SegmentExplanationNode:
    path: str = strawberry.field(description="Where it is in the rule: `all.1.not`; empty for the rule itself.")
    condition: str = strawberry.field(description="What it says, as the rule's text spells it.")
    matched: bool = strawberry.field(description="Whether it holds for the customer now.")
    actual: JSON | None = strawberry.field(
        description="The customer's own value that decided it; null for a branch, where nothing is known, and where you may not read it."
    )


strawberry.enum(
    Override,
    name="SegmentOverride",
    description="What was decided by hand about a customer and a segment, which beats the rule: INCLUDE puts in, EXCLUDE keeps out.",
)


@strawberry.type(
    description="The rule as a tree, each node with its verdict for this one customer, and the value that decided it. An access token is"
    " not told the verdicts on what it may not read: these nodes are left out."
)
class SegmentExplanation:
    member: bool = strawberry.field(description="Whether the customer is in the segment.")
    override: Override | None = strawberry.field(description="What was decided by hand; null where the rule decides.")
    nodes: list[SegmentExplanationNode] = strawberry.field(
        description="The rule's nodes, a branch before what it holds; empty for a segment without a rule."
    )


async def _sample(root: SegmentPreview, info: Info) -> list[Annotated[Customer, strawberry.lazy("siyu.schema.customers")]]:
    return cast("list[Customer]", await _rows([("Customer", key) for key in root.ids], info))


@strawberry.type(description="Whom a rule would find, of the people whom your purpose reaches.")
class SegmentPreview:
    ids: strawberry.Private[Sequence[UUID]]
    count: int = strawberry.field(description="How many; to an access token fewer than ten are shown as 0, all but fewer than ten as all.")
    ratio: float = strawberry.field(description="Their part of all, from 0 to 1.")
    milliseconds: int = strawberry.field(description="How long it took to find out.")
    sample: list[Annotated[Customer, strawberry.lazy("siyu.schema.customers")]] = strawberry.field(
        resolver=_sample, description="Some of them, the newest first; to an access token nobody of fewer than ten."
    )

    @classmethod
    def of(cls, found: Preview) -> SegmentPreview:
        """From what was found."""
        return cls(ids=found.sample, count=found.count, ratio=found.ratio, milliseconds=found.milliseconds)


async def dependants(root: Row, info: Info) -> list[Node]:
    """What `Segment.dependants` shows: the segments and tags that speak of it and that the caller may read; read once for a whole page."""
    at = tuple(str(key) for key in info.path.as_list() if isinstance(key, str))
    loader = info.context.together.setdefault(at, DataLoader(partial(_dependants, info), cache=False))
    return cast("list[Node]", await loader.load(root["id"]))


async def _dependants(info: Info, keys: list[UUID]) -> list[list[Row]]:
    found = await segments.dependants(info.context.actor, keys)
    rows = await _rows(sorted({each for speaking in found.values() for each in speaking}), info)
    known = {(str(row["__typename"]), row["id"]): row for row in rows}
    return [[known[each] for each in found[key] if each in known] for key in keys]


async def _rows(keys: Sequence[tuple[str, UUID]], info: Info) -> list[Row]:
    """These rows, by noun and key, as the selection below the field asks; those that are gone are left out."""
    rows = cast("list[Row | None]", await NodesOf([relay.encode(noun, key) for noun, key in keys]).read(info))
    return [row for row in rows if row is not None]


@strawberry.type
class Query:
    @query
    async def segment_preview(
        self,
        info: Info,
        rule: Annotated[SegmentRuleInput, strawberry.argument(description="The rule, as a tree.")],
        sample: Annotated[
            int | None, strawberry.argument(description=f"How many to show, {SAMPLE_USUAL} where left out, at most {SAMPLE_MAX}.")
        ] = None,
    ) -> SegmentPreview:
        """Whom a rule would find; nothing is kept. Scopes `segments:read` and `customers:read`, and those of what the rule speaks of."""
        return SegmentPreview.of(await segments.preview(info.context.actor, rule.to_domain(("rule",)), sample=sample))
