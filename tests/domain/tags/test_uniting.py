"""Tags of two customers who turn out to be one, and of the parted."""

from __future__ import annotations

from uuid import UUID

from siyu.domain import merges, segments, tags
from siyu.domain.kernel.boot import House
from siyu.domain.merges import CustomerMerge, CustomerUnmerge
from siyu.domain.rules import HolderKind
from siyu.domain.tags import TagGroupCreate
from siyu.domain.tags.tables import TagAssignment, TagExclusion
from siyu.privacy import dossier
from siyu.privacy.actor import Actor, Purpose
from tests import actors
from tests.domain.tags.tagged import having, people, put, tag, take
from tests.domain.tags.test_ruled import WORKER, lives_in, move


async def unite(admin: Actor, kept: UUID, merged: UUID) -> None:
    done = await merges.merge(admin, CustomerMerge(keep_id=kept, merge_id=merged))
    assert done.customer_id == kept


async def part(admin: Actor, merged: UUID) -> None:
    assert (await merges.unmerge(admin, CustomerUnmerge(merged_id=merged))).customer_id == merged


async def rows(*customer_ids: UUID) -> list[dict[str, object]]:
    return [dict(each) for each in await TagAssignment.filter(customer_id__in=customer_ids).order_by("id").values()]


async def test_the_better_one_stays_and_parting_gives_it_back(house: House, admin: Actor) -> None:
    ada, eve = await people(admin, 2)
    group = await tags.group_create(admin, TagGroupCreate(name="level", exclusive=True))
    for name in ("gold", "silver", "bronze"):
        await tag(admin, name, group_id=group if name != "bronze" else None)
    local = await tag(admin, "local", rule=lives_in("上海"))
    for each in (ada, eve):
        await move(admin, each, "上海")
    await segments.apply(WORKER, (HolderKind.TAG, local))
    await put(admin, ["gold", "bronze"], ada)
    await put(admin, ["silver", "bronze", "local"], eve)
    before = await rows(ada, eve)
    await unite(admin, ada, eve)
    assert await having(ada) == {"local": "MANUAL", "silver": "MANUAL", "bronze": "MANUAL"}
    assert sorted(await having(eve)) == ["bronze", "gold", "local"], "what is put aside is not lost"
    await part(admin, eve)
    assert await rows(ada, eve) == before


async def test_what_was_taken_off_by_hand_stays_off(house: House, admin: Actor) -> None:
    ada, eve = await people(admin, 2)
    local = await tag(admin, "local", rule=lives_in("上海"))
    for each in (ada, eve):
        await move(admin, each, "上海")
    await segments.apply(WORKER, (HolderKind.TAG, local))
    await take(admin, ["local"], eve)
    await unite(admin, ada, eve)
    assert (await TagExclusion.get()).customer_id == ada
    await segments.apply(WORKER, (HolderKind.TAG, local))
    assert await having(ada) == {}
    await part(admin, eve)
    await segments.apply(WORKER, (HolderKind.TAG, local))
    assert [await having(each) for each in (ada, eve)] == [{"local": "RULE"}, {}]


async def test_a_tag_of_after_the_merge_stays_with_whoever_is_kept(house: House, admin: Actor) -> None:
    ada, eve = await people(admin, 2)
    for name in ("VIP", "new"):
        await tag(admin, name)
    await put(admin, ["VIP"], eve)
    await unite(admin, ada, eve)
    await put(admin, ["new"], ada)
    await take(admin, ["VIP"], ada)
    await part(admin, eve)
    assert [await having(each) for each in (ada, eve)] == [{"new": "MANUAL"}, {}]


async def test_a_person_is_shown_the_names_of_their_tags(house: House, admin: Actor) -> None:
    (ada,) = await people(admin, 1)
    await tag(admin, "老客户")
    await put(admin, ["老客户"], ada)
    told = {
        table._meta.db_table: found
        async for table, found in dossier.collect(actors.staff(purpose=Purpose.COMPLIANCE), ada)
        if table._meta.db_table.startswith("tag_")
    }
    assert {name: [row["tag_id"] for row in found] for name, found in told.items()} == {
        "tag_assignments": ["老客户"],
        "tag_changes": ["老客户"],
    }
