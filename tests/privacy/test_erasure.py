from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from tortoise import fields

from siyu.privacy import consent, dossier, sealed
from siyu.privacy.actor import Actor, Role
from siyu.privacy.keyring import Keyring
from siyu.privacy.keystore import CustomerKeyRow
from siyu.privacy.refusal import Code
from siyu.privacy.requests import erase
from siyu.privacy.tables import Consent, ConsentEvent, Restriction
from tests import actors
from tests.privacy.conftest import Home
from tests.privacy.tables import Person, Remark

OFFICER = actors.staff(Role.COMPLIANCE_OFFICER)
WORKER = Actor.worker("data-requests", purpose="compliance")


async def person(name: str) -> Person:
    found = await Person.create(name=name, phone=f"+86 {name}", likes={"tea": name}, city="Wuhan", visits=3)
    for n in range(3):
        await Remark.create(customer=found, text=f"{name} said {n}")
    await consent.record(OFFICER, found.id, "marketing", granted=True, channel="shop", evidence=f"{name} signed")
    await consent.restrict(OFFICER, found.id, reason="DISPUTED")
    return found


async def collected(found: Person, actor: Actor = WORKER) -> dict[str, list[dossier.Opened]]:
    tables: dict[str, list[dossier.Opened]] = {}
    async for table, rows in dossier.collect(actor, found.id):
        tables.setdefault(table._meta.db_table, []).extend(rows)
    return tables


async def test_the_register_holds_every_table_children_first(ring: Keyring) -> None:
    tables = sealed.personal_tables()
    assert set(tables) == {Person, Remark, Consent, ConsentEvent, Restriction}
    assert tables[-1] is Person
    assert tables.index(Remark) < tables.index(Person)


async def test_every_column_of_the_mechanisms_own_tables_is_marked(ring: Keyring) -> None:
    assert {table.__name__: sealed.unmarked(table) for table in sealed.personal_tables() if sealed.unmarked(table)} == {}


def test_a_column_that_nobody_spoke_of_is_found() -> None:
    class Forgotten(sealed.PersonalModel):
        technical: ClassVar[frozenset[str]] = frozenset({"shelf"})
        id = fields.UUIDField(primary_key=True)
        customer_id = fields.UUIDField()
        shelf = fields.IntField()
        nickname = fields.CharField(20)

    assert sealed.unmarked(Forgotten) == {"nickname"}


async def test_a_dossier_holds_all_of_one_person_opened(ring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dossier, "_BATCH", 2)
    ada, eve = await person("ada"), await person("zelda")
    tables = await collected(ada)
    assert {table: len(rows) for table, rows in tables.items()} == {
        "consent_events": 1,
        "consents": 1,
        "restrictions": 1,
        "test_remarks": 3,
        "test_people": 1,
    }
    (own,) = tables["test_people"]
    assert own["phone"] == "+86 ada"
    assert own["likes"] == {"tea": "ada"}
    assert (own["city"], own["visits"], own["birthday"]) == ("Wuhan", 3, None)
    assert not {"phone_index", "name_index"} & own.keys()
    assert sorted(row["text"] for row in tables["test_remarks"]) == ["ada said 0", "ada said 1", "ada said 2"]
    assert tables["consent_events"][0]["evidence"] == "ada signed"
    assert "zelda" not in str(tables)
    assert str(eve.id) not in str(tables)


async def test_a_dossier_needs_a_grant(ring: Keyring) -> None:
    ada = await person("ada")
    with pytest.raises(consent.NotGranted) as refused:
        await collected(ada, actors.staff(Role.SERVICE))
    assert refused.value.code is Code.RESTRICTED


async def test_an_erasure_leaves_nothing_of_one_and_all_of_the_others(ring: Keyring) -> None:
    ada, eve = await person("ada"), await person("zelda")
    deleted = await erase.rows(ada.id)
    assert deleted == {"consent_events": 1, "consents": 1, "restrictions": 1, "test_people": 1, "test_remarks": 3}
    assert await erase.left(ada.id) == {}
    await ring.shred(ada.id)
    with pytest.raises(consent.NotGranted):
        await collected(ada)
    assert set((await collected(eve))["test_people"][0]) >= {"name"}
    assert sum((await erase.rows(ada.id)).values()) == 0, "twice is the same as once"


async def test_a_backup_brings_nobody_back(home: Home) -> None:
    async with home.opened() as ring:
        ada, zelda = await person("ada"), await person("zelda")
        key = await CustomerKeyRow.get(customer_id=ada.id)
        await ring.shred(ada.id)  # the key store knows; the main database is from before
        await CustomerKeyRow.create(customer_id=key.customer_id, wrapped=key.wrapped, root_version=key.root_version)
        assert sum((await erase.left(ada.id)).values()) == 7
    async with home.opened() as ring:
        assert await erase.left(ada.id) == {}
        assert sum((await erase.left(zelda.id)).values()) == 7
        assert await CustomerKeyRow.all().values_list("customer_id", flat=True) == [zelda.id]
        assert await erase.replay() == 0


@pytest.mark.on("sqlite")
async def test_no_byte_of_a_person_is_in_the_files(home: Home, tmp_path: Path) -> None:
    needles = [b"adalovelace", "爱达".encode(), "爱达".encode("utf-16-le")]

    def found() -> list[str]:
        return [path.name for path in tmp_path.iterdir() if any(needle in path.read_bytes() for needle in needles)]

    async with home.opened():
        ada = await Person.create(name="爱达", phone="adalovelace", likes=["爱达"])
        await Remark.create(customer=ada, text="adalovelace 爱达")
        await consent.record(OFFICER, ada.id, "marketing", granted=True, channel="shop", evidence="爱达")
        await collected(ada)
        assert found() == []
        planted = await Person.create(city="adalovelace")
        assert found() == ["default.db-wal"], "the search would find it"
        await planted.delete()
