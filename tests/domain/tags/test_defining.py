"""Making, changing and archiving tags and groups."""

from __future__ import annotations

import pytest

from siyu.domain import rules, segments, tags
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.reading import Ask, Reader, Source
from siyu.domain.rules import Rule, TagCondition
from siyu.domain.segments import SEGMENT, SegmentCreate
from siyu.domain.tags import TagArchive, TagCreate, TagGroupCreate, TagUpdate
from siyu.domain.tags.tables import Tag, TagGroup
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from tests import actors
from tests.domain.tags.tagged import having, people, put, tag
from tests.domain.tags.test_assigning import problems


async def test_what_is_refused(house: House, admin: Actor) -> None:
    vip = await tag(admin, "VIP")
    await tags.archive(admin, TagArchive(id=await tag(admin, "old")))
    group = await tags.group_create(admin, TagGroupCreate(name="level", exclusive=True))
    await tag(admin, "gold", group_id=group)
    (ada,) = await people(admin, 1)
    await put(admin, ["VIP", "gold"], ada)
    rule = Rule(tag=TagCondition(any=["VIP"]))
    before = await Tag.all().order_by("id").values()
    for made, expected in (
        (TagCreate(name=" "), ("input.name", Code.BLANK)),
        (TagCreate(name="x" * 81), ("input.name", Code.TOO_LONG)),
        (TagCreate(name="call 13800001111"), ("input.name", Code.INVALID)),
        (TagCreate(name="ＶＩＰ"), ("input.name", Code.TAKEN)),
        (TagCreate(name="old"), ("input.name", Code.TAKEN)),
        (TagCreate(name="new", group_id=vip), ("input.group_id", Code.NOT_FOUND)),
        (TagCreate(name="new", expires_after_days=0), ("input.expires_after_days", Code.INVALID)),
        (TagCreate(name="new", expires_after_days=1, rule=rule), ("input.expires_after_days", Code.INVALID)),
        (TagCreate(name="new", rule=Rule(tag=TagCondition(any=["none"]))), ("input.rule.tag.any.0", Code.NOT_FOUND)),
    ):
        with pytest.raises(Refusal) as refused:
            await tags.create(admin, made)
        assert problems(refused.value) == [expected]
    for changed, expected in (
        (TagUpdate(id=group, name="x"), ("input.id", Code.NOT_FOUND)),
        (TagUpdate(id=vip, name=None), ("input.name", Code.BLANK)),
        (TagUpdate(id=vip, name="gold"), ("input.name", Code.TAKEN)),
        (TagUpdate(id=vip, group_id=group), ("input.group_id", Code.CONFLICT)),
        (TagUpdate(id=vip, rule=rule), ("input.rule", Code.CONFLICT)),
    ):
        with pytest.raises(Refusal) as refused:
            await tags.update(admin, changed)
        assert problems(refused.value) == [expected]
    with pytest.raises(Refusal) as refused:
        await tags.group_create(admin, TagGroupCreate(name="level"))
    assert problems(refused.value) == [("input.name", Code.TAKEN)]
    reader = actors.holder(Scope.TAGS_READ, Scope.TAGS_ASSIGN)
    for wished in (
        tags.create(reader, TagCreate(name="x")),
        tags.update(reader, TagUpdate(id=vip)),
        tags.archive(reader, TagArchive(id=vip)),
    ):
        with pytest.raises(Forbidden):
            await wished
    assert await Tag.all().order_by("id").values() == before
    assert await TagGroup.all().count() == 1


async def test_what_is_given_changes_and_the_rest_stays(house: House, admin: Actor) -> None:
    group = await tags.group_create(admin, TagGroupCreate(name="care"))
    made = await tag(admin, "calm", description="no complaint", group_id=group, expires_after_days=5)
    await tags.update(admin, TagUpdate(id=made, description=None, name=" kept  calm "))
    row = await Tag.get(id=made)
    assert (row.name, row.description, row.group_id, row.expires_after_days) == ("kept calm", None, group, 5)
    await tags.update(admin, TagUpdate(id=made, group_id=None, expires_after_days=None))
    row = await Tag.get(id=made)
    assert (row.name, row.group_id, row.expires_after_days) == ("kept calm", None, None)


def _asked(source: Source, *names: str) -> Ask:
    ask = Ask(source)
    for name in names:
        ask.want(name)
    return ask


async def test_rules_say_the_new_name(house: House, admin: Actor) -> None:
    old = await tag(admin, "VIP")
    told = await tag(admin, "told", rule=Rule(tag=TagCondition(any=["VIP"])))
    speaking = Rule(not_=Rule(tag=TagCondition(any=["VIP"])))
    spoken = await segments.create(admin, SegmentCreate(code="others", name="Others", rule=speaking))
    version = (await Tag.get(id=told)).rule_version
    await tags.update(admin, TagUpdate(id=old, name='the "best"'))
    row = await Tag.get(id=told)
    assert row.rule == {"tag": {"any": ['the "best"']}}
    assert row.rule_version == version == 1
    again = await rules.check(admin, None, row.expression)
    assert again.tree == row.rule
    shown = await Reader(admin).by_ids(_asked(SEGMENT, "expression", "rule_version", "name"), [spoken])
    assert shown[0] is not None
    assert (await rules.check(admin, None, str(shown[0]["expression"]))).tree == {"not": {"tag": {"any": ['the "best"']}}}
    assert shown[0]["rule_version"] == 1


async def test_an_archived_tag_is_not_lost(house: House, admin: Actor) -> None:
    ada, eve = await people(admin, 2)
    made = await tag(admin, "VIP")
    await put(admin, ["VIP"], ada)
    for _ in range(2):
        assert await tags.archive(admin, TagArchive(id=made)) == made
    since = (await Tag.get(id=made)).archived_at
    assert since is not None
    with pytest.raises(Refusal) as refused:
        await put(admin, ["VIP"], eve)
    assert problems(refused.value) == [("input.tags.0", Code.WRONG_STATE)]
    with pytest.raises(Refusal) as refused:
        await tags.update(admin, TagUpdate(id=made, name="x"))
    assert problems(refused.value) == [("input.id", Code.WRONG_STATE)]
    assert (await having(ada), await having(eve)) == ({"VIP": "MANUAL"}, {})
    warned = (await rules.inspect(admin, Rule(tag=TagCondition(any=["VIP"])), None)).problems
    assert any(problem.warning and "archived" in problem.message for problem in warned)
