"""What a segment comes to, for whom."""

from __future__ import annotations

from decimal import Decimal

import pytest

from siyu.domain import segments
from siyu.domain.customers import LifecycleStage
from siyu.domain.kernel import database
from siyu.domain.kernel.boot import House
from siyu.domain.orders.tables import OrderSum
from siyu.domain.segments.insight import Amount, Insight
from siyu.privacy.actor import Scope
from siyu.privacy.refusal import Forbidden
from tests import actors
from tests.domain.segments.crowd import consenting, people, segment

PROSPECT, NEW, RETURNING, LOYAL = LifecycleStage
READS = (Scope.SEGMENTS_READ, Scope.ORDERS_READ)


def stages(found: Insight) -> list[int]:
    assert [each.stage for each in found.by_lifecycle] == [*LifecycleStage]
    return [each.count for each in found.by_lifecycle]


async def test_measures_are_of_the_members_whom_the_purpose_reaches(house: House) -> None:
    prospects, once = await people(PROSPECT, 4), await people(NEW, 3, orders=1, spent=100)
    often = await people(RETURNING, 2, orders=3, spent=250)
    # Two of one person's orders are in a currency without a rate: they count, and are in no mean.
    await OrderSum.create(
        customer_id=often[0], currency="USD", orders_count=2, spent_e4=0, unconverted_count=2, unconverted_e4=0, worth_e4=0
    )
    strangers = await people(LOYAL, 1, orders=9, spent=9_999, currency="USD")
    buyers = await segment("buyers", prospects, once, often)
    odd, empty = await segment("odd", strangers), await segment("empty")
    with database.counting() as count:
        found = await segments.insight(actors.staff(), [buyers.id, odd.id, empty.id])
    assert len([sql for sql in count.sent if "segment_members" in sql]) == 2
    told = found[buyers.id]
    assert (told.customers, told.orders, stages(told)) == (9, 9, [4, 3, 2, 0])
    assert told.revenue == Amount(Decimal("800.00"), "CNY")
    assert told.average_order_value == Amount(Decimal("114.29"), "CNY")
    assert told.repeat_purchase_rate == 0.4
    # What is in another currency, from before the organisation's changed, is added to nothing.
    assert (found[odd.id].orders, found[odd.id].revenue.amount) == (9, Decimal("0.00"))
    nothing = found[empty.id]
    assert (nothing.customers, nothing.average_order_value, nothing.repeat_purchase_rate, stages(nothing)) == (0, None, None, [0] * 4)
    await consenting(once[:2])
    reached = (await segments.insight(actors.staff(purpose="marketing"), [buyers.id]))[buyers.id]
    assert (reached.customers, reached.revenue.amount, stages(reached)) == (2, Decimal("200.00"), [0, 2, 0, 0])


async def test_a_partner_learns_of_no_group_of_few(house: House) -> None:
    few = await segment("few", await people(NEW, 9, orders=1, spent=10))
    mixed = await segment(
        "mixed",
        await people(PROSPECT, 30),
        await people(NEW, 3, orders=1, spent=10),
        await people(RETURNING, 12, orders=2, spent=10),
        await people(LOYAL, 15, orders=5, spent=10),
    )
    partner = actors.holder(*READS)
    found = await segments.insight(partner, [few.id, mixed.id])
    hidden, told = found[few.id], found[mixed.id]
    assert (hidden.customers, hidden.orders, hidden.revenue.amount, hidden.average_order_value, stages(hidden)) == (
        0,
        0,
        Decimal("0.00"),
        None,
        [0] * 4,
    )
    # Three who are new would follow from the others: the next smallest stage is hidden with them. So would they from the rate.
    assert (told.customers, stages(told), told.repeat_purchase_rate) == (60, [30, 0, 0, 15], None)
    assert (told.orders, told.revenue.amount) == (102, Decimal("300.00"))
    assert (await segments.insight(actors.staff(), [few.id]))[few.id].customers == 9


@pytest.mark.on("sqlite")
async def test_measures_need_both_scopes(house: House) -> None:
    for scope in READS:
        with pytest.raises(Forbidden):
            await segments.insight(actors.holder(scope), [])
