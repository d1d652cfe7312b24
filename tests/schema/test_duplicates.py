"""Duplicates through the schema."""

from __future__ import annotations

from datetime import date

from siyu.domain import duplicates
from siyu.domain.duplicates.tables import CandidateState, DuplicateCandidate, DuplicateSearch
from siyu.domain.kernel import database
from siyu.domain.work.tables import Work
from siyu.privacy import consent
from siyu.privacy.actor import Actor, Role, Scope
from siyu.schema.relay import decode
from tests import actors
from tests.domain.duplicates.test_searching import searched, twins
from tests.schema.conftest import Run

PAGE = """query ($first: Int, $after: String) { duplicateCandidates(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id } }
  nodes { id score reasons left { id displayName } right { id familyName createdAt } }
} }"""
DISMISS = """mutation ($id: ID!) { duplicateDismiss(input: {id: $id}) {
  candidate { id score left { id } } userErrors { field code message }
} }"""
SEARCH = "mutation ($everybody: Boolean) { duplicateSearch(input: {everybody: $everybody}) { job { id kind state } userErrors { code } } }"


async def test_the_page_shows_both_with_score_and_reasons(run: Run, admin: Actor) -> None:
    await twins(admin)
    await twins(admin, name="张伟", born=date(1990, 1, 2))
    await searched()
    page = (await run(admin, PAGE, first=1)).data["duplicateCandidates"]
    assert page["totalCount"] == 2
    [node] = page["nodes"]
    assert (node["left"]["displayName"], node["right"]["familyName"]) in {("李秀梅", "李"), ("张伟", "张")}
    assert 0.95 < node["score"] <= 1
    assert node["reasons"] == ["same name", "same birthday"]
    second = (await run(admin, PAGE, first=1, after=page["pageInfo"]["endCursor"])).data["duplicateCandidates"]
    assert [each["id"] for each in second["nodes"]] != [node["id"]]
    assert second["pageInfo"]["hasNextPage"] is False


async def test_the_pages_statements_do_not_grow_with_it(run: Run, admin: Actor) -> None:
    for n in range(12):
        await twins(admin, born=date(1960 + n, 1, 25))
    await searched()
    counts = []
    for first in (1, 12):
        with database.counting() as count:
            got = await run(admin, PAGE, first=first)
        assert got.errors == []
        assert len(got.data["duplicateCandidates"]["nodes"]) == first
        counts.append(len([sql for sql in count.statements if "duplicate_candidates" in sql or "from customers" in sql]))
    # The page, its count, and one for each of the two people.
    assert counts == [4, 4]


async def test_whoever_is_restricted_hides_the_pair_on_either_side(run: Run, admin: Actor) -> None:
    for which, born in ((0, date(1970, 1, 25)), (1, date(1971, 1, 25))):
        pair = await twins(admin, born=born)
        await searched()
        await consent.restrict(admin, pair[which], reason="DISPUTED")
    got = await run(admin, PAGE)
    assert got.errors == []
    assert got.data["duplicateCandidates"]["nodes"] == []
    assert got.data["duplicateCandidates"]["totalCount"] == 0


async def test_a_name_needs_its_scope_and_the_list_its_own(run: Run, admin: Actor) -> None:
    await twins(admin)
    await searched()
    got = await run(actors.holder(Scope.DATA_QUALITY_READ, Scope.CUSTOMERS_READ), PAGE)
    assert got.data["duplicateCandidates"]["nodes"][0]["left"]["displayName"] is None
    assert got.data["duplicateCandidates"]["nodes"][0]["reasons"]
    assert (await run(actors.holder(Scope.CUSTOMERS_READ), PAGE)).codes == ["FORBIDDEN"]
    assert (await run(actors.staff(Role.MARKETER), PAGE)).codes == ["FORBIDDEN"]


async def test_a_dismissed_pair_leaves_the_list(run: Run, admin: Actor) -> None:
    await twins(admin)
    await searched()
    [node] = (await run(admin, PAGE)).data["duplicateCandidates"]["nodes"]
    for _ in range(2):
        got = await run(actors.staff(Role.SERVICE), DISMISS, id=node["id"])
        assert got.data["duplicateDismiss"]["userErrors"] == []
        assert got.data["duplicateDismiss"]["candidate"]["id"] == node["id"]
    assert (await run(admin, PAGE)).data["duplicateCandidates"]["totalCount"] == 0


async def test_dismissing_without_the_scope_or_the_pair_does_nothing(run: Run, admin: Actor) -> None:
    await twins(admin)
    await searched()
    [node] = (await run(admin, PAGE)).data["duplicateCandidates"]["nodes"]
    assert (await run(actors.staff(Role.ANALYST), DISMISS, id=node["id"])).codes == ["FORBIDDEN"]
    got = await run(admin, DISMISS, id=node["left"]["id"])
    assert [(each["field"], each["code"]) for each in got.data["duplicateDismiss"]["userErrors"]] == [(["input", "id"], "INVALID")]
    assert await DuplicateCandidate.filter(state=CandidateState.OPEN).count() == 1


async def test_a_search_is_started_once(run: Run, admin: Actor) -> None:
    first = (await run(admin, SEARCH)).data["duplicateSearch"]
    again = (await run(admin, SEARCH, everybody=True)).data["duplicateSearch"]
    assert first == again
    assert (first["job"]["kind"], first["job"]["state"], first["userErrors"]) == ("search_duplicates", "QUEUED", [])
    assert await Work.exists(id=decode("Job", first["job"]["id"], ()))
    assert (await run(actors.staff(Role.SERVICE), SEARCH)).codes == ["FORBIDDEN"]
    assert await DuplicateSearch.all().count() == 1
    assert await duplicates.count(admin) == 0
