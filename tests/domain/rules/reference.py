"""What a rule means, said plainly: one customer at a time, over rows that were read with plain selects. It judges the fast one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from siyu.domain.attributes.tables import AttributeValue
from siyu.domain.customers.tables import Customer
from siyu.domain.events.tables import Event
from siyu.domain.kernel import ids
from siyu.domain.orders.tables import Order, OrderLine
from siyu.domain.points.tables import PointsAccount, PointsEntry, PointsLot
from siyu.domain.rules import (
    AnniversaryCondition,
    AnniversaryOf,
    Asked,
    AttributeCondition,
    Comparison,
    ConsentCondition,
    EventCondition,
    IntRange,
    LifecycleCondition,
    OrderCondition,
    OrderMetric,
    PointsCondition,
    PointsMetric,
    ProfileCondition,
    ProfileField,
    PropertyCondition,
    RfmCondition,
    Rule,
    SegmentCondition,
    TagCondition,
    Window,
)
from siyu.domain.scoring.tables import RfmScore
from siyu.domain.segments.tables import SegmentMember
from siyu.domain.tags.tables import Tag, TagAssignment
from siyu.domain.tiers.tables import Tier
from siyu.privacy.tables import Consent, Purpose, Restriction
from tests.domain.rules.population import TIERS

Row = dict[str, Any]

_COUNTING = {"PLACED", "PAID", "FULFILLED", "PARTLY_REFUNDED"}


@dataclass
class Person:
    """All rows of one customer; the birthday, which is sealed, is told by whoever gave it."""

    row: Row
    birthday: date | None
    restricted: bool = False
    orders: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    attributes: dict[str, object] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    segments: set[UUID] = field(default_factory=set)
    scores: Row | None = None
    consents: dict[str, Row] = field(default_factory=dict)
    account: Row | None = None
    #: The rank of the own tier.
    rank: int | None = None
    lots: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)


async def people(birthdays: dict[UUID, date | None]) -> list[Person]:
    """These customers with all that is stored of them."""
    among = {"customer_id__in": [*birthdays]}
    found = {row["id"]: Person(row, birthdays[row["id"]]) for row in await Customer.filter(id__in=[*birthdays]).values()}
    names = dict(await Tag.all().values_list("id", "name"))
    for row in await Order.filter(**among).values():
        found[row["customer_id"]].orders.append(row)
    for row in await OrderLine.filter(**among).values():
        found[row["customer_id"]].lines.append(row)
    for row in await Event.filter(**among).values():
        found[row["customer_id"]].events.append(row)
    for row in await AttributeValue.filter(**among).values():
        found[row["customer_id"]].attributes[row["key"]] = row["clear"]
    for row in await TagAssignment.filter(**among).values():
        found[row["customer_id"]].tags.add(names[row["tag_id"]])
    for row in await SegmentMember.filter(**among).values():
        found[row["customer_id"]].segments.add(row["segment_id"])
    for row in await RfmScore.filter(**among).values():
        found[row["customer_id"]].scores = row
    for row in await Consent.filter(**among).values():
        found[row["customer_id"]].consents[row["purpose"]] = row
    ranks = dict(await Tier.all().values_list("id", "rank"))
    for row in await PointsAccount.filter(**among).values():
        found[row["customer_id"]].account = row
        found[row["customer_id"]].rank = ranks.get(row["tier_id"])
    for row in await PointsLot.filter(**among).values():
        found[row["customer_id"]].lots.append(row)
    for row in await PointsEntry.filter(**among).values():
        found[row["customer_id"]].entries.append(row)
    for row in await Restriction.filter(**among).values():
        found[row["customer_id"]].restricted = True
    return list(found.values())


async def versions() -> dict[str, int]:
    """The versions of the notices in use, by purpose."""
    return dict(await Purpose.filter(archived_at=None).values_list("code", "version"))


class Reference:
    """Asked at one moment, with the notices' versions as they are then."""

    def __init__(self, at: Asked, notices: dict[str, int]) -> None:
        self.at = at
        self.today = self.day(at.now)
        self.notices = notices

    def matching(self, rule: Rule, persons: Iterable[Person]) -> set[UUID]:
        return {each.row["id"] for each in persons if not each.restricted and not each.row["merged_into_id"] and self.holds(rule, each)}

    def holds(self, rule: Rule, person: Person) -> bool:
        if rule.all is not None:
            return all(self.holds(each, person) for each in rule.all)
        if rule.any is not None:
            return any(self.holds(each, person) for each in rule.any)
        if rule.not_ is not None:
            return not self.holds(rule.not_, person)
        kinds: dict[str, Callable[[Any, Person], bool]] = {
            "profile": self.profile, "attribute": self.attribute, "tag": self.tag, "segment": self.segment, "lifecycle": self.lifecycle,
            "rfm": self.rfm, "event": self.event, "order": self.order, "points": self.points, "consent": self.consent,
            "anniversary": self.anniversary,
        }  # fmt: skip
        name = next(name for name in kinds if getattr(rule, name) is not None)
        return kinds[name](getattr(rule, name), person)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.at.zone).date()

    def inside(self, window: Window | None, moment: datetime) -> bool:
        if window is None:
            return True
        if window.last_days is not None and (self.today - self.day(moment)).days > window.last_days:
            return False
        return (window.from_ is None or moment >= window.from_) and (window.before is None or moment < window.before)

    def profile(self, condition: ProfileCondition, person: Person) -> bool:
        column = "owner_id" if condition.field is ProfileField.OWNER else condition.field.value.lower()
        value, values = person.row[column], condition.values or []
        if condition.field is ProfileField.OWNER:
            return compared(condition.is_, value, [ids.key(str(each)) for each in values])
        if condition.field not in (ProfileField.CREATED_AT, ProfileField.UPDATED_AT):
            return compared(condition.is_, value, values)
        texts = [str(each) for each in values]
        days = all("T" not in each for each in texts)
        if days:
            return compared(condition.is_, self.day(value), [date.fromisoformat(each) for each in texts])
        return compared(condition.is_, value, [datetime.fromisoformat(each) for each in texts])

    def attribute(self, condition: AttributeCondition, person: Person) -> bool:
        value, values = person.attributes.get(condition.key), condition.values or []
        if not isinstance(value, list):
            return compared(condition.is_, value, values)
        if condition.is_ in (Comparison.IS_SET, Comparison.IS_NOT_SET):
            return bool(value) is (condition.is_ is Comparison.IS_SET)
        if condition.is_ in (Comparison.NEQ, Comparison.NOT_IN):
            return bool(value) and not set(value) & set(values)
        return any(compared(condition.is_, each, values) for each in value)

    def tag(self, condition: TagCondition, person: Person) -> bool:
        return (
            (not condition.any or bool(person.tags & set(condition.any)))
            and person.tags >= set(condition.all or ())
            and not person.tags & set(condition.none or ())
        )

    def segment(self, condition: SegmentCondition, person: Person) -> bool:
        wanted = not condition.in_ or bool(person.segments & set(condition.in_))
        return wanted and not person.segments & set(condition.not_in or ())

    def lifecycle(self, condition: LifecycleCondition, person: Person) -> bool:
        stage = not condition.stages or person.row["lifecycle_stage"] in condition.stages
        return stage and (not condition.activity or person.row["activity"] in condition.activity)

    def rfm(self, condition: RfmCondition, person: Person) -> bool:
        scores = person.scores
        if scores is None:
            return False
        spans = {"recency": condition.recency, "frequency": condition.frequency, "monetary": condition.monetary}
        fits = all(span is None or between(scores[name], span) for name, span in spans.items())
        return fits and (not condition.groups or scores["group_name"] in condition.groups)

    def event(self, condition: EventCondition, person: Person) -> bool:
        counted = [
            each
            for each in person.events
            if each["name"] == condition.name
            and self.inside(condition.window, each["occurred_at"])
            and all(has(where, each["properties"]) for where in condition.where or ())
        ]
        return between(len(counted), condition.count)

    def order(self, condition: OrderCondition, person: Person) -> bool:
        return compared(condition.is_, self.metric(condition, person), condition.values)

    def metric(self, condition: OrderCondition, person: Person) -> Decimal | None:
        """What the orders that are meant come to; None where that is not known."""
        meant = [
            each
            for each in person.orders
            if each["status"] in _COUNTING
            and self.inside(condition.window, each["placed_at"])
            and (not condition.channels or each["channel"] in condition.channels)
            and any_line(condition, [line for line in person.lines if line["order_id"] == each["id"]])
        ]
        worths = [Decimal(each["worth_e4"]) / 10_000 for each in meant if each["worth_e4"] is not None]
        days = [(self.today - self.day(each["placed_at"])).days for each in meant]
        if condition.metric is OrderMetric.COUNT:
            return Decimal(len(meant))
        if condition.metric is OrderMetric.TOTAL:
            return sum(worths, Decimal(0))
        if condition.metric is OrderMetric.AVERAGE:
            return sum(worths, Decimal(0)) / len(worths) if worths else None
        edge = min if condition.metric is OrderMetric.DAYS_SINCE_LAST else max
        return Decimal(edge(days)) if days else None

    def points(self, condition: PointsCondition, person: Person) -> bool:
        account = person.account or {"balance": 0, "lifetime_earned": 0}
        window, values = condition.window, condition.values
        if condition.metric is PointsMetric.TIER:
            return compared(condition.is_, person.rank, [TIERS.index(str(each)) for each in values])
        if condition.metric is PointsMetric.BALANCE:
            return compared(condition.is_, account["balance"], values)
        if condition.metric is PointsMetric.EXPIRING:
            meant = [each for each in person.lots if each["open"] and each["expires_at"] is not None]
            if window is not None and window.last_days is not None:
                instant = timedelta(microseconds=1)
                meant = [each for each in meant if (self.day(each["expires_at"] - instant) - self.today).days <= window.last_days]
            elif window is not None:
                since, until = window.from_, window.before
                meant = [each for each in meant if since is None or each["expires_at"] > since]
                meant = [each for each in meant if until is None or each["expires_at"] <= until]
            return compared(condition.is_, sum(each["remaining"] for each in meant), values)
        if window is None:
            return compared(condition.is_, account["lifetime_earned"], values)
        earned = {each["id"] for each in person.entries if each["kind"] == "EARN" and self.inside(window, each["created_at"])}
        return compared(condition.is_, sum(each["points"] for each in person.entries if {each["id"], each["reverses_id"]} & earned), values)

    def consent(self, condition: ConsentCondition, person: Person) -> bool:
        said = person.consents.get(condition.purpose)
        granted = (
            said is not None
            and said["state"] == "GRANTED"
            and said["purpose_version"] == self.notices.get(condition.purpose)
            and (said["expires_at"] is None or said["expires_at"] > self.at.now)
        )
        return granted is condition.granted

    def anniversary(self, condition: AnniversaryCondition, person: Person) -> bool:
        moments = {AnniversaryOf.FIRST_ORDER: person.row["first_ordered_at"], AnniversaryOf.JOINED: person.row["created_at"]}
        moment = moments.get(condition.of)
        first = person.birthday if condition.of is AnniversaryOf.BIRTHDAY else moment and self.day(moment)
        if first is None:
            return False
        year = self.today.year if condition.of is AnniversaryOf.BIRTHDAY else max(first.year + 1, self.today.year)
        following = next(day for each in range(year, year + 3) if (day := kept_in(each, first)) >= self.today)
        return (following - self.today).days <= condition.within_days


def kept_in(year: int, first: date) -> date:
    """The anniversary's day in a year."""
    try:
        return first.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def any_line(condition: OrderCondition, lines: Sequence[Row]) -> bool:
    asked = [
        (name, values)
        for name, values in (("category", condition.categories), ("brand", condition.brands), ("sku", condition.skus))
        if values
    ]
    return not asked or any(all(line[name] in values for name, values in asked) for line in lines)


def has(condition: PropertyCondition, properties: dict[str, object] | None) -> bool:
    value, values = (properties or {}).get(condition.key), condition.values or []
    if condition.is_ in (Comparison.IS_SET, Comparison.IS_NOT_SET):
        return compared(condition.is_, value, [])
    comparable = [each for each in values if kind(each) == kind(value)]
    return bool(comparable) and compared(condition.is_, value, comparable)


def kind(value: object) -> str:
    return "yes or no" if isinstance(value, bool) else "number" if isinstance(value, int | float) else type(value).__name__


def between(number: int, span: IntRange) -> bool:
    return (span.min is None or number >= span.min) and (span.max is None or number <= span.max)


def compared(comparison: Comparison, value: Any, values: Collection[Any]) -> bool:
    """Unknown compares with nothing."""
    if comparison is Comparison.IS_NOT_SET:
        return value is None
    if value is None:
        return False
    if comparison is Comparison.IS_SET:
        return True
    first, *rest = values
    asked: dict[Comparison, Callable[[], bool]] = {
        Comparison.EQ: lambda: value == first,
        Comparison.NEQ: lambda: value != first,
        Comparison.GT: lambda: value > first,
        Comparison.GTE: lambda: value >= first,
        Comparison.LT: lambda: value < first,
        Comparison.LTE: lambda: value <= first,
        Comparison.BETWEEN: lambda: first <= value <= rest[0],
        Comparison.IN: lambda: value in values,
        Comparison.NOT_IN: lambda: value not in values,
    }
    return asked[comparison]()
