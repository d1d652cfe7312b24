"""Merged and parted again, whoever they were: both are what they were before, in every table."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from siyu.domain import customers, events, merges, notes
from siyu.domain.attributes import AttributeGiven
from siyu.domain.customers import CustomerCreate, IdentityGiven, IdentityKind
from siyu.domain.events import EventRow
from siyu.domain.kernel.boot import House
from siyu.domain.merges import CustomerMerge, CustomerUnmerge
from siyu.domain.notes import NoteAdd
from siyu.domain.orders import OrderGiven, OrderStatus, record_batch
from siyu.privacy import consent
from siyu.privacy.actor import Actor
from tests.domain.merges.pictures import Picture, differences, picture
from tests.domain.requests import people

_START = datetime(2026, 1, 2, tzinfo=UTC)
_FIELDS = ("phone", "email", "externalId", "displayName", "address", "birthday", "city", "source")
_numbers = count()


@dataclass(frozen=True, slots=True)
class Life:
    """What there is of one person."""

    said: frozenset[str]
    kinds: tuple[IdentityKind, ...]
    consents: tuple[tuple[str, bool], ...]
    notes: int
    orders: int
    events: int
    attributes: frozenset[str]


lives = st.builds(
    Life,
    st.frozensets(st.sampled_from(["phone", "email", "external_id", "display_name", "birthday", "city", "source"])),
    st.lists(st.sampled_from([IdentityKind.ANONYMOUS_ID, IdentityKind.MEMBER_NO, IdentityKind.PHONE]), max_size=3).map(tuple),
    st.lists(st.tuples(st.sampled_from(["marketing", "analytics"]), st.booleans()), max_size=3).map(tuple),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(0, 2),
    st.frozensets(st.sampled_from(["plate", "allergy", "taste"])),
)


async def live(actor: Actor, life: Life) -> UUID:
    """A customer of that life, every value of whom is their own."""
    number = next(_numbers)
    values = {
        "phone": f"+86139{number:08d}", "email": f"p{number}@example.com", "external_id": f"crm-{number}",
        "display_name": f"Person {number}", "birthday": date(1980, 1, 1) + timedelta(days=number),
        "city": f"City {number}", "source": f"Source {number}",
    }  # fmt: skip
    spelled = {IdentityKind.PHONE: "+86138{:08d}", IdentityKind.MEMBER_NO: "M{}", IdentityKind.ANONYMOUS_ID: "v{}"}
    made = await customers.create(
        actor,
        CustomerCreate(
            **{name: values[name] for name in life.said},  # type: ignore[arg-type]  # each of its column
            identities=[IdentityGiven(kind=kind, value=spelled[kind].format(next(_numbers))) for kind in life.kinds],
            attributes=[AttributeGiven(key=key, value=f"{key} {number}") for key in sorted(life.attributes)],
        ),
    )
    for purpose, granted in life.consents:
        await consent.record(actor, made, purpose, granted=granted, channel="shop", evidence={"paper": number})
    for each in range(life.notes):
        await notes.add(actor, NoteAdd(customer_id=made, body=f"note {number} {each}"))
    placed = [
        OrderGiven(
            external_id=f"E-{number}-{each}", customer_id=made, total_e4=10_000 * each, currency="CNY", status=OrderStatus.PAID,
            channel=None, placed_at=_START + timedelta(days=each), items_count=1,
        )
        for each in range(life.orders)
    ]  # fmt: skip
    await record_batch(people.IMPORTER, placed)
    seen = [
        EventRow(
            customer_id=made, name="viewed", occurred_at=_START, properties={"email": f"e{number}@example.com"}, key=f"{number}-{each}"
        )
        for each in range(life.events)
    ]
    await events.record(actor, seen)
    return made


async def pictures(who: Sequence[UUID]) -> list[Picture]:
    return [await picture(each) for each in who]


async def there_and_back(actor: Actor, drawn: Sequence[Life], taken: Sequence[str], order: Sequence[int]) -> None:
    """The second, and the third, go into the first, and come out again in some order."""
    who = [await live(actor, life) for life in drawn]
    before = await pictures(who)
    for each in who[1:]:
        wish = CustomerMerge(keep_id=who[0], merge_id=each, take_from_merged=list(taken))
        dry = await merges.merge(actor, CustomerMerge(keep_id=who[0], merge_id=each, take_from_merged=list(taken), dry_run=True))
        done = await merges.merge(actor, wish)
        assert (dry.fields, dry.moved) == (done.fields, done.moved)
    for number in order:
        await merges.unmerge(actor, CustomerUnmerge(merged_id=who[1:][number]))
    after = await pictures(who)
    assert [differences(*each) for each in zip(before, after, strict=True)] == [[] for _ in who]


async def test_merged_and_parted_is_as_if_nothing_had_been(house: House, admin: Actor) -> None:
    await people.define(admin)
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=6,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(lives, min_size=3, max_size=3), st.lists(st.sampled_from(_FIELDS), unique=True), st.permutations([0, 1]))
    def check(drawn: list[Life], taken: list[str], order: list[int]) -> None:
        asyncio.run_coroutine_threadsafe(there_and_back(admin, drawn, taken, order), loop).result(60)

    await asyncio.to_thread(check)
