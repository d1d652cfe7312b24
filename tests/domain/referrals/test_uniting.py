"""What two customers earned, and whom they referred, when they turn out to be one, and are parted."""

from __future__ import annotations

from datetime import UTC, date, datetime

import time_machine

from siyu.domain import customers, earning, referrals
from siyu.domain.earning import CheckInGiven, EarningTrigger
from siyu.domain.earning.tables import CheckIn, Earning
from siyu.domain.kernel.boot import House
from siyu.domain.referrals import ReferralBind
from siyu.domain.referrals.tables import Referral, ReferralCode, ReferralFriend
from siyu.privacy.actor import Actor
from tests.domain.earning.earned import WORKER, entries, ordered, per_yuan, person, rule
from tests.domain.referrals.test_referring import bind, code, state
from tests.domain.tags.test_uniting import part, unite


async def test_what_was_earned_moves_and_is_not_earned_again(house: House, admin: Actor) -> None:
    born = date(1990, 3, 1)
    kept, merged = await person(admin, birthday=born), await person(admin, birthday=born)
    await per_yuan(admin)
    await ordered(merged, 10)
    await earning.buy(WORKER, [merged])
    with time_machine.travel(datetime(2027, 2, 27, 20, tzinfo=UTC), tick=False):
        await rule(admin, EarningTrigger.BIRTHDAY, fixed=100)
        await rule(admin, EarningTrigger.CHECK_IN, fixed=1)
        await earning.check_in(admin, CheckInGiven(customer_id=merged))
    with time_machine.travel(datetime(2027, 3, 1, tzinfo=UTC), tick=False):
        await earning.celebrate(WORKER)
        await earning.check_in(admin, CheckInGiven(customer_id=merged))
        before = [dict(each) for each in await Earning.all().order_by("id").values()]
        await unite(admin, kept, merged)
        await earning.buy(WORKER, [kept])
        done = await earning.check_in(admin, CheckInGiven(customer_id=merged))
        assert (done.customer_id, done.streak, done.replayed) == (kept, 2, True)
        assert await Earning.filter(customer_id=kept, key="birthday:2027").count() == 1
        assert await Earning.all().count() == len(before), "nothing is earned twice"
        assert await CheckIn.filter(customer_id=kept).count() == 2
        await part(admin, merged)
    assert [dict(each) for each in await Earning.all().order_by("id").values()] == before
    assert len(await entries(merged)) == 4


async def test_referrals_of_one_who_was_merged_lead_to_whom_they_are_now(house: House, admin: Actor) -> None:
    kept, merged, friend, other = [await person(admin) for _ in range(4)]
    made = await bind(admin, friend, merged)
    own = await bind(admin, merged, kept)
    await unite(admin, kept, merged)
    assert (await Referral.get(id=made)).customer_id == kept
    assert await state(own) == "REJECTED", "nobody refers themselves"
    late = await bind(admin, other, merged)
    assert (await Referral.get(id=late)).customer_id == kept, "the merged one's code leads to who they are now"
    again = await referrals.bind(admin, ReferralBind(customer_id=friend, code=code(kept)))
    assert again == made, "either code is the same person's"
    await part(admin, merged)
    assert (await Referral.get(id=made)).customer_id == merged
    assert {row.customer_id: row.code for row in await ReferralCode.filter(customer_id__in=[kept, merged])} == {
        each: customers.referral_code(each) for each in (kept, merged)
    }
    assert (await ReferralFriend.get(referral_id=own)).customer_id == merged
