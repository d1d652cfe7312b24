"""Tags that come with a file: one for all its customers, and those of a column."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from siyu.domain import customers, imports, tags
from siyu.domain.customers import IdentityGiven, IdentityKind
from siyu.domain.imports.tables import ImportProblem
from siyu.domain.kernel.boot import House
from siyu.domain.tags import TagArchive
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal
from tests import actors
from tests.domain.imports.conftest import Bring, kept
from tests.domain.tags.tagged import having, tag


def members(path: Path) -> Path:
    path.write_text("会员号,手机号,标签\nA1,13800000001,VIP；老客户\nA2,13800000002,none | VIP\nA3,13800000003,\n", encoding="utf-8")
    return path


async def member(actor: Actor, number: str) -> UUID:
    found = await customers.find(actor, IdentityGiven(kind=IdentityKind.MEMBER_NO, value=number))
    assert found is not None
    return found


async def test_tags_of_a_file_and_of_its_rows(house: House, bring: Bring, admin: Actor, tmp_path: Path) -> None:
    of_all = await tag(admin, "from a file")
    for name in ("VIP", "老客户"):
        await tag(admin, name)
    path = members(tmp_path / "members.csv")
    for _ in range(2):
        view = await bring(path, tag_ids=(of_all,))
    found = {}
    for number in (1, 2, 3):
        holder = await member(admin, f"A{number}")
        found[number] = sorted(await having(holder))
    assert found == {1: ["VIP", "from a file", "老客户"], 2: ["VIP", "from a file"], 3: ["from a file"]}
    assert set((await having(await member(admin, "A1"))).values()) == {"IMPORT"}
    problem = await ImportProblem.filter(import_id=view.id).get()
    assert (problem.row, problem.column, view.rejected) == (3, "标签", 0), "the rest of the row stands"


async def test_whoever_may_not_tag_leaves_the_column_out(house: House, bring: Bring, admin: Actor, tmp_path: Path) -> None:
    await tag(admin, "VIP")
    partner = actors.holder(Scope.CUSTOMERS_IMPORT, Scope.CUSTOMERS_READ)
    path = members(tmp_path / "members.csv")
    view = await bring(path, actor=partner)
    assert (view.created, view.problems, await having(await member(admin, "A1"))) == (3, 0, {})
    with pytest.raises(Forbidden):
        await bring(path, actor=partner, mapping={"标签": "tags"})


async def test_tags_of_an_import_are_known_and_in_use(house: House, admin: Actor, tmp_path: Path) -> None:
    await tags.archive(admin, TagArchive(id=await tag(admin, "old")))
    upload = await kept(admin, members(tmp_path / "members.csv"))
    wish = imports.CustomersImport(upload=upload, mapping=[], match_on=[], mode=imports.ImportMode.UPSERT, tags=["old", "none"])
    with pytest.raises(Refusal) as refused:
        await imports.start_customers(admin, wish)
    assert [(one.path, one.code) for one in refused.value.each()] == [
        (("input", "tags", "0"), Code.WRONG_STATE),
        (("input", "tags", "1"), Code.NOT_FOUND),
    ]
