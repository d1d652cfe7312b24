"""Files become rows: on both databases, once however often, and on from where they were broken off."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from siyu.domain import customers, files, imports, work
from siyu.domain.customers import IdentityGiven, IdentityKind
from siyu.domain.customers.tables import Customer, Gender, Identity
from siyu.domain.imports import ImportKind, ImportMode, ImportView, Wish
from siyu.domain.imports import session as sessions
from siyu.domain.imports.reading import open_table
from siyu.domain.imports.running import rejected_path
from siyu.domain.imports.tables import Import, ImportProblem
from siyu.domain.kernel.boot import House
from siyu.domain.notes.tables import Note
from siyu.domain.orders.tables import Order, OrderSum
from siyu.privacy import consent
from siyu.privacy.actor import Scope
from siyu.privacy.refusal import Refusal
from siyu.privacy.sealed import PersonalModel
from siyu.privacy.tables import AuditEvent
from tests import actors
from tests.domain.imports.conftest import JOB, Bring, kept, quietly
from tests.domain.imports.samples import CUSTOMERS, FACTS, as_workbook, first_rows, orders_before

SLICE = 700


def _csv(path: Path, *lines: str) -> Path:
    path.write_text("会员号,姓名,手机号,邮箱,性别,生日,城市,备注\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


async def _by(kind: IdentityKind, value: str) -> Customer:
    holder = await customers.find(actors.staff(), IdentityGiven(kind=kind, value=value))
    assert holder is not None
    return await Customer.get(id=holder)


async def _open(row: PersonalModel, *names: str) -> dict[str, object]:
    """What sealed columns hold, as a member of staff may see it."""
    grant = await consent.grant(actors.staff(), [getattr(row, row.subject)], fields=names)
    return {name: consent.disclose(row, getattr(row, name), grant) for name in names}


async def _spent(customer: Customer) -> dict[str, tuple[int, int]]:
    """Number and sum of the orders that count, by currency."""
    return {each.currency: (each.orders_count, each.spent_e4) for each in await OrderSum.filter(customer_id=customer.id)}


async def _counts() -> dict[str, int]:
    tables: tuple[type[PersonalModel], ...] = (Customer, Identity, Note, Order)
    return {table.__name__: await table.all().count() for table in tables}


@pytest.mark.on("sqlite")
async def test_the_real_files(bring: Bring, house: House, tmp_path: Path) -> None:
    """All customers, and the orders of one in five."""
    view = await bring(CUSTOMERS)
    assert (view.read, view.created, view.updated) == (FACTS["rows"], FACTS["members"], FACTS["same_phone_other_member"])
    assert (view.skipped, view.rejected) == (FACTS["repeated_row"] + FACTS["blank_row"], FACTS["ragged_row"])
    problems = Counter(row.column for row in await ImportProblem.filter(import_id=view.id))
    assert problems == {
        "手机号": FACTS["bad_phone"],
        "邮箱": FACTS["bad_email"],
        "生日": FACTS["bad_birthday"],
        None: FACTS["ragged_row"],
    }
    assert await Customer.all().count() == FACTS["members"]
    assert await Identity.filter(kind=IdentityKind.MEMBER_NO).count() == FACTS["members"] + FACTS["same_phone_other_member"]

    some, members = orders_before(tmp_path / "orders.csv", "M05000")
    orders = await bring(some, ImportKind.ORDERS)
    assert orders.read == orders.created == await Order.all().count() > FACTS["orders"] // 5
    assert (orders.rejected, await Customer.filter(orders_count__gt=0).count()) == (0, len(members))
    third = await _by(IdentityKind.MEMBER_NO, "M00003")
    assert (third.orders_count, third.spent_e4, third.spent_currency) == (6, 0, "CNY")  # without a rate, dollars are kept apart
    assert await _spent(third) == {"USD": (6, 1_564_600)}


async def test_a_slice_in_two_formats_and_twice_is_once(bring: Bring, tmp_path: Path) -> None:
    source = first_rows(tmp_path / "slice.csv", SLICE)
    first = await bring(source)
    assert first.read == SLICE == first.created + first.updated + first.skipped + first.rejected
    before = await _counts()
    as_workbook(source, tmp_path / "slice.xlsx")
    again = await bring(tmp_path / "slice.xlsx")
    assert again.created == 0
    assert await _counts() == before
    assert {row.value_index for row in await Identity.all()} == {row.value_index for row in await Identity.all()}


async def test_a_person_is_found_by_every_spelling_and_second_card(bring: Bring, tmp_path: Path) -> None:
    await bring(
        _csv(
            tmp_path / "a.csv",
            'M1,姜龙,+86-157-9944-4100, ASHLEY@QQ.COM ,F,1961年3月26日,武汉,"=HYPERLINK(""x"")"',
            "X1,姜**,157 9944 4100,,,,北京,重复办卡",
            "m1,,,,男,,,",
        )
    )
    row = await _by(IdentityKind.PHONE, "１５７９９４４４１００")
    for kind, value in ((IdentityKind.MEMBER_NO, "x1"), (IdentityKind.MEMBER_NO, "M1"), (IdentityKind.EMAIL, "ashley@qq.com")):
        assert (await _by(kind, value)).id == row.id
    assert (row.city, row.gender, row.birth_month) == ("武汉", Gender.MALE, 3)
    shown = await _open(row, "display_name", "phone", "email", "birthday")
    assert [str(value) for value in shown.values()] == ["姜龙", "+8615799444100", "ashley@qq.com", "1961-03-26"]
    bodies = {(await _open(note, "body"))["body"] for note in await Note.filter(customer_id=row.id)}
    assert bodies == {'=HYPERLINK("x")', "重复办卡"}


async def test_a_later_file_replaces_fills_and_never_blanks(bring: Bring, tmp_path: Path) -> None:
    await bring(_csv(tmp_path / "a.csv", "M1,姜龙,13800001111,,,,武汉,", "M2,李四,13800002222,b@qq.com,女,,上海,"))
    await bring(_csv(tmp_path / "b.csv", "M1,姜**,13900001111,a@qq.com,,,北京,", "X2,李**,13800002222,,男,1990-01-02,广州,"))
    first, second = await _by(IdentityKind.MEMBER_NO, "M1"), await _by(IdentityKind.MEMBER_NO, "X2")
    assert await _open(first, "display_name", "phone", "email") == {"display_name": "姜龙", "phone": "+8613900001111", "email": "a@qq.com"}
    assert (first.city, second.city, second.gender, second.birth_month) == ("北京", "上海", Gender.FEMALE, 1)
    assert (await _by(IdentityKind.PHONE, "13900001111")).id == first.id
    assert await customers.find(actors.staff(), IdentityGiven(kind=IdentityKind.PHONE, value="13800001111")) is None
    assert await Identity.filter(customer_id=first.id, kind=IdentityKind.PHONE, profile=True).count() == 1
    assert await Customer.all().count() == 2


async def test_conflicts_and_bad_cells_come_back_to_be_mended(bring: Bring, tmp_path: Path) -> None:
    lines = ("M1,甲,13800001111,,,,,", "M2,乙,12345,b@qq.com,,1990-02-30,上海,", "M3,丙,13800001111,b@qq.com,,,,", "only,two")
    view = await bring(_csv(tmp_path / "a.csv", *lines))
    assert (view.created, view.rejected, view.problems) == (2, 2, 4)
    shown = await imports.errors(actors.staff(), view.id)
    assert [(each.row, each.column, each.value) for each in shown] == [
        (3, "手机号", "1… (5 characters)"),
        (3, "生日", "19… (10 characters)"),
        (4, None, None),
        (5, None, None),
    ]
    assert "two different customers" in shown[2].message
    table = open_table(rejected_path(view.id))
    assert [row.cells[2] for row in table.rows()] == ["M2", "M3", "only"]

    mended = tmp_path / "mended.csv"
    text = rejected_path(view.id).read_text(encoding="utf-8-sig")
    mended.write_text(text.replace("12345", "138-0000-2222").replace("1990-02-30", "1990-02-03"), encoding="utf-8")
    again = await bring(mended)
    assert (again.created, again.updated, again.rejected) == (0, 1, 2)
    second = await _by(IdentityKind.PHONE, "13800002222")
    assert (second.birth_month, second.city) == (2, "上海")
    assert await Customer.all().count() == 2


async def test_no_value_of_a_bad_cell_is_in_the_database(bring: Bring, tmp_path: Path) -> None:
    await bring(_csv(tmp_path / "a.csv", "M1,甲,1381234567890123,secret@@qq.com,,,,"))
    said = [f"{row.hint} {row.message}" for row in await ImportProblem.all()] + [str(row.detail) for row in await AuditEvent.all()]
    assert len(said) >= 2
    assert not any("1381234567890123" in text or "secret@@qq" in text for text in said)


@pytest.mark.parametrize(("mode", "made", "city"), [("CREATE_ONLY", 2, "武汉"), ("UPDATE_ONLY", 1, "北京"), ("UPSERT", 2, "北京")])
async def test_modes(bring: Bring, tmp_path: Path, mode: str, made: int, city: str) -> None:
    await bring(_csv(tmp_path / "a.csv", "M1,甲,,,,,武汉,"))
    await bring(_csv(tmp_path / "b.csv", "M1,甲,,,,,北京,", "M2,乙,,,,,上海,"), mode=ImportMode(mode))
    assert await Customer.all().count() == made
    assert (await _by(IdentityKind.MEMBER_NO, "M1")).city == city


async def test_a_dry_run_counts_and_stores_nobody(bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "CHUNK_ROWS", 100)
    source = first_rows(tmp_path / "slice.csv", SLICE)
    dry = await bring(source, dry_run=True)
    assert await _counts() == dict.fromkeys(("Customer", "Identity", "Note", "Order"), 0)
    real = await bring(source)
    assert [(dry.created, dry.updated, dry.skipped, dry.rejected)] == [(real.created, real.updated, real.skipped, real.rejected)]


class _Killed(BaseException):
    """The process is gone."""


async def test_broken_off_it_goes_on_and_no_row_is_there_twice(
    house: House, bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "CHUNK_ROWS", 100)
    source, who = first_rows(tmp_path / "slice.csv", SLICE), actors.staff()

    async def start() -> ImportView:
        found = await imports.find(
            who, await imports.start(who, Wish(kind=ImportKind.CUSTOMERS, upload_id=await kept(who, source), mapping={}))
        )
        assert found is not None
        return found

    async def die(done: int, total: int | None = None, message: str | None = None) -> None:
        if done >= 300:
            raise _Killed

    begun = await start()
    with pytest.raises(_Killed):
        await imports.run(JOB, begun.id, progress=die)
    left = await imports.find(who, begun.id)
    assert left is not None
    assert (left.read, left.finished) == (300, False)
    with rejected_path(begun.id).open("ab") as file:
        file.write(b"a row that was written and not committed")

    assert (await start()).id == begun.id  # the same file goes on
    await imports.run(JOB, begun.id, progress=quietly)
    done = await imports.find(who, begun.id)
    assert done is not None
    counts, rejected = await _counts(), rejected_path(begun.id).read_text(encoding="utf-8-sig")
    assert "not committed" not in rejected
    await imports.run(JOB, begun.id, progress=die)  # a second worker finds nothing to do

    fresh = await bring(tmp_path / "slice.csv", dry_run=True)
    assert (done.read, done.finished, done.created + done.updated) == (SLICE, True, fresh.updated)
    assert counts["Customer"] == done.created
    assert await _counts() == counts


async def test_two_workers_never_store_a_chunk_twice(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "CHUNK_ROWS", 50)
    who, source = actors.staff(), first_rows(tmp_path / "slice.csv", 300)
    import_id = await imports.start(who, Wish(kind=ImportKind.CUSTOMERS, upload_id=await kept(who, source), mapping={}))
    ends = await asyncio.gather(*(imports.run(JOB, import_id, progress=quietly) for _ in range(2)), return_exceptions=True)
    assert all(end is None or isinstance(end, Refusal) for end in ends), ends
    done = await Import.get(id=import_id)
    if done.finished_at is None:
        await imports.run(JOB, import_id, progress=quietly)
        done = await Import.get(id=import_id)
    assert (done.read, await Customer.all().count()) == (300, done.created)


async def test_orders_find_their_customers_and_sums_follow(bring: Bring, tmp_path: Path) -> None:
    await bring(_csv(tmp_path / "a.csv", "M1,甲,13800001111,,,,,", "X1,甲*,13800001111,,,,,"))
    orders = tmp_path / "orders.csv"
    orders.write_text(
        "order_no,member_no,ordered_on,quantity,amount_usd\n"
        "C1,M1,1997-01-12,2,12.00\nC2,x1,1997-03-01,1,0.55\nC3,M9,1997-03-01,1,9.99\nC4,M1,soon,1,9.99\nC2,x1,1997-03-01,1,0.55\n",
        encoding="utf-8",
    )
    view = await bring(orders, ImportKind.ORDERS)
    assert (view.created, view.updated, view.skipped, view.rejected) == (2, 0, 1, 2)
    messages = [each.message for each in await imports.errors(actors.staff(), view.id)]
    assert any("No customer has this member number" in message for message in messages)
    row = await _by(IdentityKind.MEMBER_NO, "M1")
    assert (row.orders_count, await _spent(row)) == (2, {"USD": (2, 125_500)})
    assert (str(row.first_ordered_at), str(row.last_ordered_or_never)) == ("1997-01-11 16:00:00+00:00", "1997-02-28 16:00:00+00:00")

    orders.write_text("订单号,会员号,日期,金额(USD),状态\nC1,M1,1997-01-12,20.00,已完成\nC2,M1,1997-03-01,0.55,已取消\n", encoding="utf-8")
    later = await bring(orders, ImportKind.ORDERS)
    assert (later.created, later.updated, await Order.all().count()) == (0, 2, 2)
    row = await _by(IdentityKind.MEMBER_NO, "M1")
    assert (row.orders_count, await _spent(row)) == (1, {"USD": (1, 200_000)})


async def test_what_cannot_start_is_refused_at_once(house: House, tmp_path: Path) -> None:
    who = actors.staff()
    for text, wish, path in (
        ("a,b\n1,2\n", {}, ("input", "upload")),
        ("手机号\n1\n", {"mapping": {"手机": "phone"}}, ("input", "mapping")),
        ("手机号\n1\n", {"match_on": (IdentityKind.ANONYMOUS_ID,)}, ("input", "match_on")),
    ):
        file = tmp_path / "x.csv"
        file.write_text(text, encoding="utf-8")
        chosen: dict[str, object] = {"kind": ImportKind.CUSTOMERS, "upload_id": await kept(who, file), "mapping": {}, **wish}
        with pytest.raises(Refusal) as refused:
            await imports.start(who, Wish(**chosen))  # type: ignore[arg-type]  # as the table says
        assert refused.value.path == path
    assert await Import.all().count() == 0


async def test_who_may_not_import_does_not(house: House, tmp_path: Path) -> None:
    upload = await kept(actors.staff(), _csv(tmp_path / "a.csv", "M1,甲,,,,,,"))
    for kind, scopes in ((ImportKind.CUSTOMERS, (Scope.CUSTOMERS_WRITE,)), (ImportKind.ORDERS, (Scope.CUSTOMERS_IMPORT,))):
        with pytest.raises(Refusal):
            await imports.start(actors.holder(*scopes), Wish(kind=kind, upload_id=upload, mapping={}))


async def test_files_and_hints_go(bring: Bring, tmp_path: Path) -> None:
    who = actors.staff()
    view = await bring(_csv(tmp_path / "a.csv", "M1,甲,12345,,,,,"), actor=who)
    record = await Import.get(id=view.id)
    with pytest.raises(Refusal):
        await files.path(JOB, record.upload_id)
    assert await imports.rejected_link(who, view.id) is not None
    assert await imports.purge(JOB) == 0
    assert await imports.purge(JOB, kept=timedelta(0)) == 1
    assert not rejected_path(view.id).exists()
    assert (await imports.rejected_link(who, view.id), await imports.errors(who, view.id)) == (None, [])


async def test_progress_that_is_stopped_stops_it(house: House, tmp_path: Path) -> None:
    who = actors.staff()
    import_id = await imports.start(
        who, Wish(kind=ImportKind.CUSTOMERS, upload_id=await kept(who, _csv(tmp_path / "a.csv", "M1,甲,,,,,,")), mapping={})
    )

    async def cancelled(done: int, total: int | None = None, message: str | None = None) -> None:
        raise work.WorkStopped("stop")

    with pytest.raises(work.WorkStopped):
        await imports.run(JOB, import_id, progress=cancelled)
    assert (await Import.get(id=import_id)).finished_at is None
