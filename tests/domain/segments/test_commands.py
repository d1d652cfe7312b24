"""Making, changing and deleting segments: done, refused, not allowed, repeated."""

from __future__ import annotations

from uuid import UUID

import pytest

from siyu.domain import segments, work
from siyu.domain.kernel import clock, ids
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.tables import Outbox
from siyu.domain.rules import Rule, SegmentCondition
from siyu.domain.segments import Override, SegmentCreate, SegmentDelete, SegmentEvaluate, SegmentOverrideWish, SegmentUpdate, commands
from siyu.domain.segments.tables import Segment, SegmentChange, SegmentKind, SegmentMember, SegmentOverride, SegmentSize
from siyu.privacy.actor import Actor, Role
from siyu.privacy.refusal import Code, Forbidden, NotFound, Refusal, Refusals, Taken
from tests import actors
from tests.domain.segments.kept import city, made, members, person


def wish(code: str = "paris", name: str = "Paris", **more: object) -> SegmentCreate:
    return SegmentCreate(code=code, name=name, **more)  # type: ignore[arg-type]  # its fields


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        (wish(""), "code", Code.BLANK),
        (wish("x" * 41), "code", Code.TOO_LONG),
        (wish("two/words"), "code", Code.INVALID),
        (wish("13800001111"), "code", Code.INVALID),
        (wish(str(UUID(int=1))), "code", Code.INVALID),
        (wish(name=" "), "name", Code.BLANK),
        (wish(description="call 13800001111"), "description", Code.INVALID),
        (wish(rule=city("Paris"), expression='profile.city = "Paris"'), "expression", Code.INVALID),
        (wish(rule=city("Paris"), customer_ids=[UUID(int=1)]), "customer_ids", Code.INVALID),
        (wish(customer_ids=[UUID(int=1)] * 1_001), "customer_ids", Code.INVALID),
    ],
)
@pytest.mark.on("sqlite")
async def test_what_does_not_fit_is_refused_and_nothing_is_made(
    house: House, admin: Actor, given: SegmentCreate, path: str, code: Code
) -> None:
    with pytest.raises(Refusal) as refused:
        await segments.create(admin, given)
    (first, *_) = refused.value.each()
    assert first.path[:2] == ("input", path)
    assert first.code is code or path == "customer_ids"
    assert (await Segment.all().count(), await Outbox.all().count()) == (0, 0)


async def test_a_code_is_one_segments(house: House, admin: Actor) -> None:
    await made(admin, "paris", city("Paris"))
    with pytest.raises(Taken):
        await made(admin, "paris", city("Rome"))
    assert await Segment.all().count() == 1


async def test_another_rule_is_another_version(house: House, admin: Actor) -> None:
    ada, bob = await person(admin), await person(admin, "Rome")
    key = await made(admin, "paris", city("Paris"))
    assert await segments.update(admin, SegmentUpdate(id=key, name="In Paris", description="Who lives there")) == key
    await segments.update(admin, SegmentUpdate(id=key, rule=city("Paris")))
    row = await Segment.get(id=key)
    assert (row.name, row.description, row.rule_version, row.kind) == ("In Paris", "Who lives there", 1, SegmentKind.DYNAMIC)
    await segments.update(admin, SegmentUpdate(id=key, expression='profile.city in ("Rome", "Lyon")', description=None))
    row = await Segment.get(id=key)
    assert (row.description, row.rule_version, row.expression) == (None, 2, 'profile.city in ("Rome", "Lyon")')
    assert await members(key) == {bob}
    panel = await segments.create(admin, wish("panel", customer_ids=[ada]))
    with pytest.raises(Refusal) as refused:
        await segments.update(admin, SegmentUpdate(id=panel, rule=city("Paris")))
    assert (refused.value.code, refused.value.path) == (Code.WRONG_STATE, ("input", "rule"))
    with pytest.raises(NotFound):
        await segments.update(admin, SegmentUpdate(id=ids.uuid7(), name="x"))


async def test_no_circles(house: House, admin: Actor) -> None:
    one = await made(admin, "one", city("Paris"))
    two = await made(admin, "two", Rule(segment=SegmentCondition(in_=[one])))
    with pytest.raises(Refusals):
        await segments.update(admin, SegmentUpdate(id=one, rule=Rule(segment=SegmentCondition(in_=[two]))))
    assert (await Segment.get(id=one)).rule_version == 1


async def test_what_others_depend_on_stays(house: House, admin: Actor) -> None:
    ada = await person(admin)
    paris = await made(admin, "paris", city("Paris"))
    away = await made(admin, "away", Rule(segment=SegmentCondition(not_in=[paris])))
    await segments.override(admin, SegmentOverrideWish(id=paris, customer_ids=[ada], override=Override.INCLUDE, reason="why"))
    with pytest.raises(Refusal) as refused:
        await segments.delete(admin, SegmentDelete(id=paris))
    assert (refused.value.code, refused.value.path) == (Code.IN_USE, ("input", "id"))
    assert "segment away" in refused.value.message
    assert await members(paris) == {ada}
    for key in (away, paris):
        assert await segments.delete(admin, SegmentDelete(id=key)) == key
    tables = (Segment, SegmentMember, SegmentChange, SegmentOverride, SegmentSize)
    assert [await table.all().count() for table in tables] == [0] * 5
    with pytest.raises(NotFound):
        await segments.delete(admin, SegmentDelete(id=paris))


async def test_many_customers_are_a_workers_job(house: House, admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    await person(admin)
    paris = await made(admin, "paris", city("Paris"))
    assert await segments.evaluate(admin, SegmentEvaluate(id=paris)) is None
    monkeypatch.setattr(commands, "AT_ONCE_MAX", 0)
    await Outbox.all().delete()
    job = await segments.evaluate(admin, SegmentEvaluate(id=paris))
    assert job is not None
    assert await work.find(admin, job) is not None
    later = await made(admin, "later", city("Paris"))
    assert await members(later) == set()
    assert (await Segment.get(id=later)).due
    now = clock.now()
    jobs = [(row.job, row.due_at <= now) for row in await Outbox.all().order_by("due_at")]
    assert jobs == [("evaluate_segment", True), ("apply_rule", True), ("apply_rule", False)]


async def test_who_may_not(house: House, admin: Actor) -> None:
    ada = await person(admin)
    paris = await made(admin, "paris", city("Paris"))
    reader = actors.staff(Role.ANALYST)
    with pytest.raises(Forbidden):
        await segments.create(reader, wish("rome"))
    with pytest.raises(Forbidden):
        await segments.update(reader, SegmentUpdate(id=paris, name="x"))
    with pytest.raises(Forbidden):
        await segments.delete(reader, SegmentDelete(id=paris))
    with pytest.raises(Forbidden):
        await segments.evaluate(reader, SegmentEvaluate(id=paris))
    with pytest.raises(Forbidden):
        await segments.override(reader, SegmentOverrideWish(id=paris, customer_ids=[ada], override=None, reason="why"))
    assert [(row.id, row.name) for row in await Segment.all()] == [(paris, "paris")]
    for wrong, code in (("", Code.BLANK), ("x" * 501, Code.TOO_LONG)):
        with pytest.raises(Refusal) as refused:
            await segments.override(admin, SegmentOverrideWish(id=paris, customer_ids=[ada], override=None, reason=wrong))
        assert (refused.value.code, refused.value.path) == (code, ("input", "reason"))
