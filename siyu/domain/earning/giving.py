"""Giving points for occasions: each occasion once for each rule, however often it is told, and never more than the day's limit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from siyu.domain import customers, points, segments
from siyu.domain.earning import known, rules
from siyu.domain.earning.inputs import Occasion
from siyu.domain.earning.known import Given
from siyu.domain.earning.tables import Earning
from siyu.domain.kernel import database, days, ids
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import operation
from siyu.domain.points import Posting
from siyu.privacy.actor import Actor

#: Occasions of one transaction.
BATCH: Final = 500

_Day = tuple[UUID, UUID, date]


@operation(writes=True)
async def give(actor: Actor, occasions: Sequence[Occasion]) -> list[tuple[Occasion, int]]:
    """What these occasions bring now, with the points of each; what brought something before is not among them.

    The caller has checked a scope of its own. By the rules as they stand now; the moment of the occasion says which are in force. A fixed
    number of statements. Who is restricted or gone gets nothing; told again later, it may.
    """
    every = await known.read()
    pairs = [(each, rule) for each in occasions for rule in every.of(each.trigger) if rule.terms.speaks_of(each)]
    if not pairs:
        return []
    present = await customers.reserve(actor, {each.customer_id for each, _ in pairs})
    pairs = await _meant(actor, [(each, rule) for each, rule in pairs if each.customer_id in present])
    drafts = await _drafts(pairs)
    if not drafts:
        return []
    posted = await points.credit(actor, [_posting(row, occasion, rule) for row, occasion, rule in drafts])
    given: list[tuple[Occasion, int]] = []
    rows: list[Earning] = []
    for (row, occasion, _), answer in zip(drafts, posted, strict=True):
        if answer.entry_id is not None:
            row.entry_id = answer.entry_id
            rows.append(row)
            given.append((occasion, row.points))
    if rows:
        await Earning.bulk_create(rows)
    return given


async def _meant(actor: Actor, pairs: Sequence[tuple[Occasion, Given]]) -> list[tuple[Occasion, Given]]:
    """Without those whose rule is for a segment that the customer is not in."""
    asked = {rule.terms.segment_id for _, rule in pairs if rule.terms.segment_id is not None}
    if not asked:
        return list(pairs)
    within = await segments.among(actor, asked, {each.customer_id for each, _ in pairs})
    return [
        (each, rule) for each, rule in pairs if rule.terms.segment_id is None or (rule.terms.segment_id, each.customer_id) in within
    ]  # fmt: skip


async def _drafts(pairs: Sequence[tuple[Occasion, Given]]) -> list[tuple[Earning, Occasion, Given]]:
    """What is new of these, each as a row without its entry; limits of days hold over all of them together."""
    if not pairs:
        return []
    people = {each.customer_id for each, _ in pairs}
    held = {rule.id for _, rule in pairs}
    done = await _done(people, held, {each.key for each, _ in pairs})
    multipliers, zone = await _multipliers(people), days.here()
    limited = {(each.customer_id, rule.id, days.day_of(each.at, zone)) for each, rule in pairs if rule.terms.maximum_per_day is not None}
    had = await _had(limited)
    drafts: list[tuple[Earning, Occasion, Given]] = []
    for occasion, rule in pairs:
        identity = (occasion.customer_id, rule.id, occasion.key)
        if identity in done:
            continue
        done.add(identity)
        day = (occasion.customer_id, rule.id, days.day_of(occasion.at, zone))
        exact = rules.exact_e4(rule.terms, occasion, multipliers.get(occasion.customer_id, rules.E4))
        whole = rules.within_day(exact // rules.E4, had.get(day, 0), rule.terms.maximum_per_day)
        if whole <= 0:
            continue
        had[day] = had.get(day, 0) + whole
        drafts.append((_row(occasion, rule, day[2], exact, whole), occasion, rule))
    return drafts


def _row(occasion: Occasion, rule: Given, day: date, exact_e4: int, whole: int) -> Earning:
    capped = exact_e4 if exact_e4 // rules.E4 == whole else whole * rules.E4
    return Earning.fresh(
        id=ids.uuid7(), customer_id=occasion.customer_id, rule_id=rule.id, rule_version=rule.version, key=occasion.key,
        about_id=occasion.about_id, day=day, points=whole, kept=whole, exact_e4=capped, basis_e4=occasion.basis_e4,
    )  # fmt: skip


def _posting(row: Earning, occasion: Occasion, rule: Given) -> Posting:
    source = occasion.trigger.value.lower()
    return Posting(
        customer_id=row.customer_id, points=row.points, source=source, key=f"{source}:{row.id}", reason=rule.name,
        about_id=occasion.about_id, rule_id=rule.id, rule_version=rule.version,
    )  # fmt: skip


async def _done(people: Collection[UUID], held: Collection[UUID], keys: Collection[str]) -> set[tuple[UUID, UUID, str]]:
    statement = Statement(database.dialect())
    rows = await database.rows(
        "select e.customer_id, e.rule_id, e.key from earnings e"  # noqa: S608  # bound values only
        f" where {statement.among('e.customer_id', list(people), Kind.ID)} and {statement.among('e.rule_id', list(held), Kind.ID)}"
        f" and {statement.among('e.key', list(keys), Kind.TEXT)}",
        statement.args,
    )
    return {(UUID(str(row[0])), UUID(str(row[1])), str(row[2])) for row in rows}


async def _had(limited: Collection[_Day]) -> dict[_Day, int]:
    """What each had of these by rule and day: what refunds took back counts as had."""
    if not limited:
        return {}
    rows = Earning.filter(
        customer_id__in=list({each[0] for each in limited}),
        rule_id__in=list({each[1] for each in limited}),
        day__in=list({each[2] for each in limited}),
    )
    found: dict[_Day, int] = {}
    for row in await rows.only("id", "customer_id", "rule_id", "day", "points"):
        key = (row.customer_id, row.rule_id, row.day)
        found[key] = found.get(key, 0) + row.points
    return found


async def _multipliers(people: Collection[UUID]) -> Mapping[UUID, int]:
    """By what the tier of each multiplies, in ten-thousandths; who is missing has none."""
    statement = Statement(database.dialect())
    rows = await database.rows(
        "select a.customer_id, t.earning_multiplier_e4 from points_accounts a join tiers t on t.id = a.tier_id"  # noqa: S608  # bound values only
        f" where {statement.among('a.customer_id', list(people), Kind.ID)}",
        statement.args,
    )
    return {UUID(str(row[0])): int(row[1]) for row in rows}
