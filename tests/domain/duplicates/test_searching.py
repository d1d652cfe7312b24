"""The search over a real database: found once, gone on with, remembered, forgotten."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from tortoise.expressions import Q

from siyu.domain import customers, duplicates, merges
from siyu.domain.customers import CustomerCreate, CustomerUpdate
from siyu.domain.duplicates import DuplicateDismiss, DuplicateSearchStart, keys, searching
from siyu.domain.duplicates.tables import CandidateState, DuplicateCandidate, DuplicateKey, DuplicateSearch
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.boot import House
from siyu.domain.merges import CustomerMerge, CustomerUnmerge
from siyu.domain.work.tables import Work, WorkState
from siyu.privacy import audit, consent
from siyu.privacy.actor import Actor, Purpose, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from siyu.privacy.requests import erase
from tests import actors

BORN = date(1984, 6, 17)
WORKER = Actor.worker("duplicates", Scope.JOBS_RUN, *duplicates.SCOPES, purpose=Purpose.SERVICE)


async def silent(done: int, total: int | None = None, message: str | None = None) -> None:
    return None


async def searched(*, everybody: bool = False) -> DuplicateSearch:
    """One search from beginning to end."""
    work_id = await duplicates.search(WORKER, DuplicateSearchStart(everybody=everybody))
    record = await DuplicateSearch.get(work_id=work_id)
    await duplicates.run(WORKER, record.id, progress=silent)
    await Work.filter(id=work_id).update(state=WorkState.SUCCEEDED)
    return await DuplicateSearch.get(id=record.id)


async def twins(admin: Actor, name: str = "李秀梅", born: date = BORN) -> tuple[UUID, UUID]:
    left = await customers.create(admin, CustomerCreate(display_name=name, birthday=born, city="上海"))
    right = await customers.create(admin, CustomerCreate(family_name=name[0], given_name=name[1:], birthday=born, city="北京"))
    return left, right


async def pairs(**where: object) -> set[tuple[UUID, UUID]]:
    return {(row.left_id, row.right_id) for row in await DuplicateCandidate.filter(**where)}


async def test_twins_are_found_and_strangers_are_not(house: House, admin: Actor) -> None:
    pair = await twins(admin)
    await customers.create(admin, CustomerCreate(display_name="张伟", birthday=BORN, city="上海"))
    record = await searched()
    assert await pairs() == {pair}
    assert (record.done, record.found, record.finished_at is None) == (3, 1, False)
    row = await DuplicateCandidate.get()
    assert row.reasons == ["same name", "same birthday"]
    assert await duplicates.count(admin) == 1
    assert await audit.verify() == []


async def test_a_second_search_looks_at_those_who_changed_only(house: House, admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "OVERLAP", timedelta(0))
    left, right = await twins(admin)
    await searched()
    assert (await searched()).done == 0
    await customers.update(admin, CustomerUpdate(id=right, birthday=date(1990, 1, 2)))
    assert (await searched()).done == 1
    assert await pairs() == set(), "They are alike no more."
    await customers.update(admin, CustomerUpdate(id=right, birthday=BORN))
    await searched()
    assert await pairs() == {(left, right)}
    assert (await searched(everybody=True)).done == 2


async def test_the_search_goes_on_where_it_was_killed(house: House, admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "STEP", 2)
    expected = {await twins(admin, born=date(1960 + 17 * n, 2 + n, 21 + 3 * n)) for n in range(3)}

    class Killed(Exception):
        pass

    async def dying(done: int, total: int | None = None, message: str | None = None) -> None:
        if done >= 4:
            raise Killed

    work_id = await duplicates.search(WORKER)
    record = await DuplicateSearch.get(work_id=work_id)
    with pytest.raises(Killed):
        await duplicates.run(WORKER, record.id, progress=dying)
    assert len(await pairs()) == 2
    again = await duplicates.search(WORKER)
    assert again == work_id, "It runs still: nothing else is started."
    await Work.filter(id=work_id).update(state=WorkState.FAILED)
    assert await duplicates.search(WORKER) != work_id
    assert await DuplicateSearch.all().count() == 1
    await duplicates.run(WORKER, record.id, progress=silent)
    assert await pairs() == expected
    assert (await DuplicateSearch.get()).done == 6
    tokens = await DuplicateKey.all().count()
    await duplicates.run(WORKER, record.id, progress=silent)
    assert await DuplicateKey.all().count() == tokens


async def test_who_was_overtaken_stores_nothing(house: House, admin: Actor) -> None:
    await twins(admin)
    work_id = await duplicates.search(WORKER)
    record = await DuplicateSearch.get(work_id=work_id)

    async def other(done: int, total: int | None = None, message: str | None = None) -> None:
        raise AssertionError("It stored nothing.")

    stops = await customers.changed(WORKER, after=None, most=10)
    await DuplicateSearch.filter(id=record.id).update(done=1)
    with pytest.raises(searching.Overtaken):
        await searching._step(WORKER, record, stops, last=True)
    assert await pairs() == set()
    assert await DuplicateKey.all().count() == 0


async def test_not_the_same_is_remembered(house: House, admin: Actor) -> None:
    left, right = await twins(admin)
    await searched()
    row = await DuplicateCandidate.get()
    for _ in range(2):
        assert await duplicates.dismiss(admin, DuplicateDismiss(id=row.id)) == row.id
    assert await duplicates.count(admin) == 0
    await customers.update(admin, CustomerUpdate(id=right, city="上海"))
    await searched(everybody=True)
    assert await pairs(state=CandidateState.OPEN) == set()
    # What a rule suspects is weighed against what a person said, too.
    await duplicates.suspect(admin, right, left, 0.99, ["same birthday"])
    assert await duplicates.count(admin) == 0
    await duplicates.suspect(admin, right, left, 0.99, ["same phone"])
    assert await pairs(state=CandidateState.OPEN) == {(left, right)}


async def test_dismissing_needs_the_scope_and_a_pair(house: House, admin: Actor) -> None:
    await twins(admin)
    await searched()
    row = await DuplicateCandidate.get()
    with pytest.raises(Forbidden):
        await duplicates.dismiss(actors.holder(Scope.DATA_QUALITY_READ), DuplicateDismiss(id=row.id))
    assert (await DuplicateCandidate.get()).state is CandidateState.OPEN
    with pytest.raises(Refusal) as refused:
        await duplicates.dismiss(admin, DuplicateDismiss(id=row.left_id))
    assert (refused.value.code, refused.value.path) == (Code.NOT_FOUND, ("input", "id"))
    with pytest.raises(Forbidden):
        await duplicates.search(actors.holder(Scope.DATA_QUALITY_READ))
    assert await DuplicateSearch.all().count() == 1


async def test_what_a_rule_suspects_survives_the_search(house: House, admin: Actor) -> None:
    left = await customers.create(admin, CustomerCreate(display_name="张伟"))
    right = await customers.create(admin, CustomerCreate(display_name="Mary Jones"))
    await duplicates.suspect(admin, right, left, 0.9, ["both in one identify call"])
    await duplicates.suspect(admin, left, right, 0.9, ["both in one identify call"])
    await searched()
    assert await pairs(said=True, rank=9000) == {(left, right)}
    await duplicates.suspect(admin, left, UUID(int=7), 0.9, ["nobody"])
    assert await DuplicateCandidate.all().count() == 1


async def test_restricted_people_are_left_out(house: House, admin: Actor) -> None:
    left, right = await twins(admin)
    await consent.restrict(admin, left, reason="DISPUTED")
    await searched()
    assert await pairs() == set()
    assert await DuplicateKey.filter(customer_id=left).count() == 0
    await consent.unrestrict(admin, left)
    await searched(everybody=True)
    assert await pairs() == {(left, right)}


@pytest.mark.parametrize("which", [0, 1])
async def test_either_ones_erasure_leaves_nothing(house: House, admin: Actor, which: int) -> None:
    pair = await twins(admin)
    await searched()
    assert set(await erase.left(pair[which])) >= {"customers", "duplicate_keys", "duplicate_candidates"}
    await erase.rows(pair[which])
    assert await erase.left(pair[which]) == {}
    assert await DuplicateCandidate.filter(Q(left_id=pair[which]) | Q(right_id=pair[which])).count() == 0
    await searched(everybody=True)
    assert await pairs() == set()


async def test_a_crowd_is_skipped_and_said(house: House, admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "SHARED_MAX", 3)
    for n in range(5):
        await customers.create(admin, CustomerCreate(family_name="Smith", given_name="Anna", birthday=date(1950 + n, 1 + n, 20)))
    record = await searched()
    assert record.crowded > 0
    assert record.found == 0


async def test_tokens_tell_nothing_and_stay_as_they_are(house: House, admin: Actor) -> None:
    await twins(admin)
    await searched()
    before = {(row.id, row.token) for row in await DuplicateKey.all()}
    assert all(0 <= token < 2**40 for _, token in before)
    await searched(everybody=True)
    assert {(row.id, row.token) for row in await DuplicateKey.all()} == before


async def test_a_steps_statements_do_not_grow_with_it(house: House, admin: Actor) -> None:
    async def counted(number: int) -> int:
        for n in range(number):
            await twins(admin, born=date(1950 + n, 3, 20))
        work_id = await duplicates.search(WORKER, DuplicateSearchStart(everybody=True))
        record = await DuplicateSearch.get(work_id=work_id)
        with database.counting() as count:
            await duplicates.run(WORKER, record.id, progress=silent)
        await Work.filter(id=work_id).update(state=WorkState.SUCCEEDED)
        # Rewriting a pair that was found before is a statement of its own: those are the few.
        return len([sql for sql in count.statements if "duplicate_candidates" not in sql and "audit" not in sql])

    few = await counted(2)
    assert await counted(12) <= few + 2


async def test_walking_tells_ties_together(house: House, admin: Actor) -> None:
    made = [await customers.create(admin, CustomerCreate(display_name=f"N{n}")) for n in range(4)]
    moment = clock.now()
    await database.run(f"update customers set updated_at = {database.mark(1)}", [str(moment) if database.dialect() == "sqlite" else moment])
    stops = await customers.changed(WORKER, after=None, most=2)
    assert {stop.customer_id for stop in stops} == set(made)
    assert await customers.changed(WORKER, after=stops[-1].updated_at, most=2) == []
    with pytest.raises(Forbidden):
        await customers.changed(admin.__class__.worker("other"), after=None, most=2)


async def test_a_merged_pair_disappears_and_comes_back_with_its_undoing(house: House, admin: Actor) -> None:
    left, right = await twins(admin)
    third = await customers.create(admin, CustomerCreate(display_name="李秀梅", birthday=BORN))
    await searched()
    assert await duplicates.count(admin) == 3
    row = await DuplicateCandidate.get(left_id=right, right_id=third)
    await duplicates.dismiss(admin, DuplicateDismiss(id=row.id))
    await merges.merge(admin, CustomerMerge(keep_id=left, merge_id=right))
    assert await duplicates.count(admin) == 1, "Only the kept one and the third are left to decide on."
    await merges.unmerge(admin, CustomerUnmerge(merged_id=right))
    assert await duplicates.count(admin) == 2
    await merges.merge(admin, CustomerMerge(keep_id=left, merge_id=right))
    await searched(everybody=True)
    assert await duplicates.count(admin) == 1
    await merges.unmerge(admin, CustomerUnmerge(merged_id=right))
    await searched()
    assert await pairs(state=CandidateState.OPEN) == {(left, right), (left, third)}
    assert await pairs(state=CandidateState.DISMISSED) == {(right, third)}


async def test_not_the_same_holds_for_whom_they_are_merged_into(house: House, admin: Actor) -> None:
    left, right = await twins(admin)
    third = await customers.create(admin, CustomerCreate(display_name="王芳", birthday=BORN))
    await searched()
    await duplicates.dismiss(admin, DuplicateDismiss(id=(await DuplicateCandidate.get()).id))
    await merges.merge(admin, CustomerMerge(keep_id=third, merge_id=right))
    assert await pairs(state=CandidateState.DISMISSED) == {(left, right), (left, third)}
