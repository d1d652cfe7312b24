"""Rules in the SDL: what is taken as one, how it is shown, and what there is to say against it."""

from __future__ import annotations

from typing import Annotated, cast

import strawberry
from strawberry.scalars import JSON
from strawberry.utils.str_converters import to_camel_case

from siyu.domain import rules
from siyu.domain.rules import AnniversaryOf, Comparison, OrderMetric, PointsMetric, ProfileField
from siyu.privacy.refusal import Refusal
from siyu.schema import lifecycle as lifecycle  # its enumerations are members here, and have their descriptions from there
from siyu.schema import ranges as ranges
from siyu.schema.context import Info
from siyu.schema.errors import query
from siyu.schema.taking import Input, takes

strawberry.enum(
    Comparison,
    description="How a value compares. BETWEEN takes two values, both included, IN and NOT_IN several, IS_SET and "
    "IS_NOT_SET none, the others one. What is not known compares with nothing: only IS_NOT_SET holds for it.",
)
strawberry.enum(ProfileField, description="Fields of a customer's profile that rules may speak of.")
strawberry.enum(
    OrderMetric,
    description="What is reckoned of the orders that count: number, sum and mean, whole days since the last and since the first.",
)
strawberry.enum(PointsMetric, description="What is known of somebody's points.")
strawberry.enum(AnniversaryOf, description="What comes round every year.")


@takes
class Window(Input[rules.Window]):
    """A rolling window (the last days), or a fixed one; all time when nothing is said."""


@takes
class ProfileCondition(Input[rules.ProfileCondition]):
    """What the profile says."""


@takes
class AttributeCondition(Input[rules.AttributeCondition]):
    """What the value of an attribute says that the organisation defined."""


@takes
class TagCondition(Input[rules.TagCondition]):
    """Which tags there are; all that is said holds."""


@takes
class SegmentCondition(Input[rules.SegmentCondition]):
    """In which other segments somebody is; all that is said holds."""


@takes
class LifecycleCondition(Input[rules.LifecycleCondition]):
    """At which stage somebody is, and how active; all that is said holds."""


@takes
class RfmCondition(Input[rules.RfmCondition]):
    """Which scores of recency, frequency and money there are; all that is said holds, and nothing of it without an order in the window."""


@takes
class PropertyCondition(Input[rules.PropertyCondition]):
    """What a property of an event says."""


@takes
class EventCondition(Input[rules.EventCondition]):
    """How many events of a name there are."""


@takes
class OrderCondition(Input[rules.OrderCondition]):
    """What the orders that count come to, those that fit all that is said."""


@takes
class PointsCondition(Input[rules.PointsCondition]):
    """What the points come to, or which tier they brought."""


@takes
class ConsentCondition(Input[rules.ConsentCondition]):
    """Whether consent to a purpose holds."""


@takes
class AnniversaryCondition(Input[rules.AnniversaryCondition]):
    """Whether a day of the year is near."""


@takes(one_of=True)
class SegmentRuleInput(Input[rules.Rule]):
    """Exactly one member is given: a branch, or a condition. At most 10 levels, 100 conditions, 200 values in a list."""


@strawberry.type(description="A rule, in both of its spellings.")
class SegmentRule:
    tree: JSON = strawberry.field(description="The rule as a tree: JSON as `SegmentRuleInput` takes it, without nulls.")
    expression: str = strawberry.field(description="The same as text, in its one spelling.")


@strawberry.type(description="What is wrong with a rule, or odd about it.")
class SegmentRuleProblem:
    path: str | None = strawberry.field(description="Where in the tree: `all.1.order.values`; null for the whole of it.")
    message: str = strawberry.field(description="One sentence for people.")
    line: int | None = strawberry.field(description="The line in the text, from 1; null for a tree.")
    column: int | None = strawberry.field(description="The column in that line, from 1; null for a tree.")
    warning: bool = strawberry.field(description="Whether the rule can be used all the same.")


@strawberry.type(description="What there is to say about a rule before it is used.")
class SegmentRuleCheck:
    valid: bool = strawberry.field(description="Whether it can be used.")
    rule: SegmentRule | None = strawberry.field(description="The rule in both spellings; null when it can't be used.")
    problems: list[SegmentRuleProblem] = strawberry.field(description="Faults; of a rule that can be used, warnings.")

    @classmethod
    def of(cls, found: rules.Inspected) -> SegmentRuleCheck:
        """From what the domain tells."""
        checked = found.checked
        return cls(
            valid=found.valid,
            rule=SegmentRule(tree=cast(JSON, checked.tree), expression=checked.expression) if checked else None,
            problems=[
                SegmentRuleProblem(
                    path=".".join(each.path) or None, message=each.message, line=each.line, column=each.column, warning=each.warning
                )
                for each in found.problems
            ],
        )


@strawberry.type
class Query:
    @query
    async def segment_rule(
        self,
        info: Info,
        rule: Annotated[SegmentRuleInput | None, strawberry.argument(description="The rule as a tree. Instead of `expression`.")] = None,
        expression: Annotated[str | None, strawberry.argument(description="The rule as text. Instead of `rule`.")] = None,
    ) -> SegmentRuleCheck:
        """Check a rule while it is written: its faults, what is odd about it, and its other spelling. It asks for the scopes of what the
        rule speaks of."""
        try:
            given = rule.to_domain(()) if rule else None
        except Refusal as refused:  # an id in it is none: a fault of the rule like any other
            path = tuple(to_camel_case(step) for step in refused.path)
            return SegmentRuleCheck.of(rules.Inspected(False, None, (rules.Problem(refused.message, path),)))
        return SegmentRuleCheck.of(await rules.inspect(info.context.actor, given, expression))
