"""Tags that a rule puts on, and the hand beside it."""

from __future__ import annotations

from uuid import UUID

from siyu.domain import customers, segments, tags
from siyu.domain.customers import CustomerUpdate
from siyu.domain.kernel import database
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.touching import Change, Touched
from siyu.domain.rules import Comparison, HolderKind, ProfileCondition, ProfileField, Rule, TagCondition
from siyu.domain.tags import TagArchive, TagGroupCreate, TagUpdate
from siyu.domain.tags.tables import Tag, TagAssignment, TagChange, TagExclusion, TagSource
from siyu.privacy.actor import Actor, Scope
from tests import actors
from tests.domain.tags.tagged import having, log, people, put, tag, take

WORKER = actors.worker(Scope.JOBS_RUN)


def lives_in(*cities: str) -> Rule:
    return Rule(profile=ProfileCondition(field=ProfileField.CITY, is_=Comparison.IN, values=list(cities)))


async def apply(tag_id: UUID) -> None:
    await segments.apply(WORKER, (HolderKind.TAG, tag_id))


async def move(admin: Actor, customer_id: UUID, city: str | None) -> None:
    """To another city; and what the worker does of it."""
    await customers.update(admin, CustomerUpdate(id=customer_id, city=city))
    await segments.follow(WORKER, [Touched(Change.PROFILE, (customer_id,))])


async def test_the_rule_puts_on_and_takes_off(house: House, admin: Actor) -> None:
    ada, eve, joe = await people(admin, 3)
    await move(admin, ada, "上海")
    local = await tag(admin, "local", rule=lives_in("上海"))
    assert (await Tag.get(id=local)).due
    await apply(local)
    assert [await having(each) for each in (ada, eve)] == [{"local": "RULE"}, {}]
    row = await TagAssignment.get()
    assert (row.rule_version, row.assigned_by, (await Tag.get(id=local)).due) == (1, None, False)
    await move(admin, eve, "上海")
    await move(admin, ada, "北京")
    assert [await having(each) for each in (ada, eve)] == [{}, {"local": "RULE"}]
    assert await log(ada) == [(True, "RULE"), (False, "RULE")]
    changes = await TagChange.all().count()
    with database.counting() as count:
        await apply(local)
    assert await TagChange.all().count() == changes
    assert not any(sql.startswith(("insert into tag_assignments", "delete from tag_assignments")) for sql in count.sent)
    await tags.update(admin, TagUpdate(id=local, rule=lives_in("北京")))
    await tags.update(admin, TagUpdate(id=local, rule=lives_in("北京")))
    await apply(local)
    assert [await having(each) for each in (ada, eve)] == [{"local": "RULE"}, {}]
    assert (await TagAssignment.get()).rule_version == 2
    await tags.archive(admin, TagArchive(id=local))
    await apply(local)
    await move(admin, joe, "北京")
    assert [await having(each) for each in (ada, joe)] == [{"local": "RULE"}, {}], "whoever has it keeps it, and nobody gets it"


async def test_the_hand_beats_the_rule_and_is_not_undone_by_it(house: House, admin: Actor) -> None:
    ada, eve = await people(admin, 2)
    for each in (ada, eve):
        await move(admin, each, "上海")
    local = await tag(admin, "local", rule=lives_in("上海"))
    await apply(local)
    assert await put(admin, ["local"], ada) == tags.Changed(1)
    assert await put(admin, ["local"], ada) == tags.Changed(0)
    assert await take(admin, ["local"], eve) == tags.Changed(1)
    for each in (ada, eve):
        await move(admin, each, "上海")
    await apply(local)
    assert [await having(each) for each in (ada, eve)] == [{"local": "MANUAL"}, {}]
    await move(admin, ada, "北京")
    await apply(local)
    assert await having(ada) == {"local": "MANUAL"}
    assert await TagExclusion.all().count() == 1
    await put(admin, ["local"], eve)
    assert await TagExclusion.all().count() == 0
    assert await take(admin, ["local"], ada) == tags.Changed(1)
    await tags.update(admin, TagUpdate(id=local, rule=None))
    assert (await Tag.get(id=local)).kind is tags.TagKind.MANUAL
    await apply(local)
    assert [await having(each) for each in (ada, eve)] == [{}, {"local": "MANUAL"}]


async def test_of_an_exclusive_group_rules_leave_one(house: House, admin: Actor) -> None:
    ada, eve = await people(admin, 2)
    for each in (ada, eve):
        await move(admin, each, "上海")
    group = await tags.group_create(admin, TagGroupCreate(name="where", exclusive=True))
    city = await tag(admin, "city", group_id=group, rule=lives_in("上海", "北京"))
    coast = await tag(admin, "coast", group_id=group, rule=lives_in("上海", "青岛"))
    await tag(admin, "unknown", group_id=group)
    await put(admin, ["unknown"], eve)
    for each in (city, coast):
        await apply(each)
    assert [await having(each) for each in (ada, eve)] == [{"city": "RULE"}, {"unknown": "MANUAL"}]
    await move(admin, ada, "青岛")
    assert await having(ada) == {"coast": "RULE"}, "what has gone makes room for the other"
    await move(admin, ada, None)
    await move(admin, ada, "上海")
    assert await having(ada) == {"city": "RULE"}, "who came first, of two at once"
    await take(admin, ["unknown"], eve)
    assert {(row.name, row.due) for row in await Tag.filter(rule__isnull=False)} >= {("city", True), ("coast", True)}
    await segments.evaluate_due(WORKER)
    assert await having(eve) == {"city": "RULE"}
    await TagAssignment.create(customer_id=eve, tag_id=coast, source=TagSource.RULE)
    await apply(city)
    assert await having(eve) == {"coast": "RULE"}, "one is left, whatever two workers did at once"


async def test_a_rule_follows_the_tags_that_it_speaks_of(house: House, admin: Actor) -> None:
    (ada,) = await people(admin, 1)
    vip = await tag(admin, "VIP")
    dear = await tag(admin, "dear", rule=Rule(tag=TagCondition(any=["VIP"])))
    await put(admin, ["VIP"], ada)
    await segments.follow(WORKER, [Touched(Change.TAG, (ada,), (str(vip),))])
    assert await having(ada) == {"VIP": "MANUAL", "dear": "RULE"}
    await take(admin, ["VIP"], ada)
    await segments.follow(WORKER, [Touched(Change.TAG, (ada,), (str(vip),))])
    assert await having(ada) == {}
    assert (await Tag.get(id=dear)).rule_version == 1
