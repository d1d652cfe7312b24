from __future__ import annotations

import copy
import json
import pickle
import traceback
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from tortoise.exceptions import IntegrityError

from siyu.domain.kernel.statements import counting
from siyu.privacy import consent, vault
from siyu.privacy.columns import Sealed
from siyu.privacy.keyring import Erased, Keyring
from tests import actors
from tests.privacy.tables import Person, Remark

PLAIN = "+8613912345678"
Raw = Callable[..., Awaitable[list[dict[str, Any]]]]


async def opened(person: Person, column: str) -> object:
    """The value as the database has it now, opened."""
    found = await Person.get(id=person.id)
    under = await consent.grant(actors.staff(), [person.id], fields=[column])
    return consent.disclose(found, getattr(found, column), under)


async def test_what_was_saved_is_disclosed_under_a_grant(ring: Keyring) -> None:
    person = await Person.create(name="Ada 王", phone=PLAIN, birthday=date(1990, 2, 3), likes={"tea": ["green"]}, city="Wuhan")
    assert await opened(person, "name") == "Ada 王"
    assert await opened(person, "phone") == PLAIN
    assert await opened(person, "birthday") == date(1990, 2, 3)
    assert await opened(person, "likes") == {"tea": ["green"]}


async def test_every_way_of_saving_seals(ring: Keyring, raw: Raw) -> None:
    saved = Person(phone=PLAIN)
    await saved.save()
    created = await Person.create(phone=PLAIN)
    many = [Person(phone=PLAIN) for _ in range(3)]
    await Person.bulk_create(many)
    got, new = await Person.get_or_create(id=uuid4(), defaults={"phone": PLAIN})
    updated, _ = await Person.update_or_create(id=saved.id, defaults={"phone": PLAIN + "9"})
    made, _ = await Person.update_or_create(id=uuid4(), defaults={"phone": PLAIN})
    changed = created.update_from_dict({"phone": PLAIN + "8"})
    await changed.save()
    many[0].phone = PLAIN + "7"
    await Person.bulk_update(many, ["phone"])
    assert new
    for person, phone in ((updated, "9"), (changed, "8"), (many[0], "7"), (many[1], ""), (got, ""), (made, "")):
        assert await opened(person, "phone") == PLAIN + phone
        assert (await Person.get(phone_index=PLAIN + phone, id=person.id)).id == person.id, "the index went along"
    for row in await raw("SELECT phone, phone_index, name FROM test_people"):
        assert row["phone"].startswith(b"\x01\x01\x01")
        assert PLAIN.encode() not in row["phone"]
        assert len(row["phone_index"]) == 32
        assert row["name"] is None


async def test_naming_the_column_takes_its_index_along(ring: Keyring) -> None:
    person = await Person.create(phone=PLAIN, name="Ada")
    person.phone = "+8613800000000"
    person.name = "Zoe"
    await person.save(update_fields=["phone"])
    assert await Person.exists(phone_index="+8613800000000")
    assert not await Person.exists(phone_index=PLAIN)
    assert await opened(person, "name") == "Ada", "not named, not saved"
    person.phone = None
    await person.save(update_fields=["phone"])
    assert await Person.exists(id=person.id, phone=None, phone_index=None)


async def test_a_row_that_was_read_can_be_saved_as_it_is(ring: Keyring) -> None:
    person = await Person.create(phone=PLAIN, name="Ada")
    found = await Person.get(id=person.id)
    found.city = "Wuhan"
    await found.save()
    assert await opened(person, "phone") == PLAIN
    assert await Person.exists(phone_index=PLAIN, city="Wuhan")
    some = await Person.filter(id=person.id).only("id", "name").get()
    some.name = "Eve"
    await some.save(update_fields=["name"])
    assert await opened(person, "name") == "Eve"
    assert await Person.exists(phone_index=PLAIN, name_index="Eve")


async def test_a_conflict_of_the_key_updates_sealed_columns_and_of_no_other(ring: Keyring) -> None:
    person = await Person.create(phone=PLAIN)
    again = Person(id=person.id, phone=PLAIN + "1")
    await Person.bulk_create([again], on_conflict=["id"], update_fields=["phone"])
    assert await opened(person, "phone") == PLAIN + "1"
    assert await Person.exists(phone_index=PLAIN + "1")
    with pytest.raises(TypeError, match="another column"):
        await Person.bulk_create([Person(phone=PLAIN)], on_conflict=["phone_index"], update_fields=["phone"])


async def test_plain_text_is_neither_stored_nor_searched(ring: Keyring) -> None:
    person = await Person.create(phone=PLAIN, name="Ada")
    for attempt in (
        lambda: Person.filter(id=person.id).update(phone=PLAIN),
        lambda: Person.filter(id=person.id).update(phone=person.phone),
        lambda: Person.filter(id=person.id).update(phone_index=PLAIN),
        lambda: Person.filter(phone=PLAIN),
        lambda: Person.filter(phone__in=[PLAIN]),
        lambda: Person.filter(phone__not=PLAIN),
        lambda: Person.get(phone=PLAIN),
        lambda: Person.exclude(phone=PLAIN),
        lambda: Person.filter(phone__contains=PLAIN[:4]),
        lambda: Person.filter(phone__startswith=PLAIN[:4]),
        lambda: Person.filter(phone__iexact=PLAIN),
        lambda: Person.filter(phone__gt=PLAIN),
        lambda: Person.filter(phone_index__startswith=PLAIN),
        lambda: Person.filter(phone_index__gt=PLAIN),
        lambda: Person.all().bulk_create([Person(phone=PLAIN)]),
        lambda: Person.all().bulk_update([Person(phone=PLAIN)], ["phone"]),
        lambda: Person.get_or_create(phone=PLAIN),
    ):
        with pytest.raises(TypeError) as refused:
            await attempt()
        assert PLAIN[:4] not in str(refused.value)
    assert await Person.filter(phone__isnull=False, birthday=None).count() == 1
    assert await opened(person, "phone") == PLAIN


async def test_only_what_the_column_is_for_is_taken(ring: Keyring) -> None:
    for column, value in (("phone", 13912345678), ("birthday", "1990-02-03"), ("likes", date(1990, 1, 1)), ("phone_index", PLAIN)):
        with pytest.raises(TypeError) as refused:
            Person(**{column: value})
        assert str(value) not in str(refused.value)


async def test_get_or_create_by_an_index_fills_it_from_its_column(ring: Keyring) -> None:
    first, made = await Person.get_or_create(phone_index=PLAIN, defaults={"phone": PLAIN})
    second, again = await Person.get_or_create(phone_index=PLAIN, defaults={"phone": PLAIN})
    assert (made, again) == (True, False)
    assert first.id == second.id
    with pytest.raises(TypeError) as refused:
        await Person.get_or_create(city="Rome", defaults={"city": "Oslo"})
    assert "Rome" not in str(refused.value)
    assert "Oslo" not in str(refused.value)


@pytest.mark.parametrize("state", ["assigned", "saved", "read"])
async def test_nothing_shows_a_sealed_value(ring: Keyring, state: str) -> None:
    person = Person(phone=PLAIN, name=PLAIN, likes={"said": PLAIN}, city="Wuhan")
    if state != "assigned":
        await person.save()
    if state == "read":
        person = await Person.get(id=person.id)
    value = person.phone
    assert isinstance(value, Sealed)
    shown = [
        repr(person),
        str(person),
        f"{person}",
        repr(value),
        repr([*person.__iter__()]),
        repr(vars(person)),
        repr([value]),
        f"{value!r}",
    ]
    assert not [text for text in shown if PLAIN in text]
    shows: tuple[Callable[[], object], ...] = (
        lambda: str(value),
        lambda: f"{value}",
        lambda: f"{value:>20}",
        lambda: "{}".format(value),  # noqa: UP032  # that is the point
        lambda: "%s" % value,  # noqa: UP031  # that is the point
        lambda: "".join(value),
        lambda: list(value),
        lambda: len(value),
        lambda: bytes(value),
        lambda: value == PLAIN,
        lambda: value in [PLAIN],
        lambda: json.dumps({"phone": value}),
        lambda: json.dumps({"phone": value}, default=str),
        lambda: orjson.dumps({"phone": value}, default=str),
        lambda: pickle.dumps(value),
        lambda: pickle.dumps(person),
        lambda: copy.copy(value),
        lambda: copy.deepcopy(person),
        person.clone,
    )
    for show in shows:
        with pytest.raises(TypeError) as refused:
            show()
        assert PLAIN not in "".join(traceback.format_exception(refused.value))
    assert bool(value)
    assert value != None  # noqa: E711  # asking is allowed


async def test_a_failing_save_shows_nothing(ring: Keyring) -> None:
    person = await Person.create(phone=PLAIN)
    double = Person(id=person.id, phone=PLAIN, name=PLAIN)
    with pytest.raises(IntegrityError) as failed:
        await double.save(force_create=True)
    assert PLAIN not in "".join(traceback.format_exception(failed.value))


async def test_a_value_that_was_moved_in_the_database_does_not_open(ring: Keyring, raw: Raw) -> None:
    ada, eve = await Person.create(phone=PLAIN, name="Ada"), await Person.create(phone="+8613800000000", name="Eve")
    remark = await Remark.create(customer=ada, text="hers")
    other = await Remark.create(customer=ada, text="hers too")
    await raw(f"UPDATE test_people SET phone = (SELECT phone FROM test_people WHERE id = '{ada.id}') WHERE id = '{eve.id}'")
    await raw("UPDATE test_people SET name = phone")
    await raw(f"UPDATE test_remarks SET text = (SELECT text FROM test_remarks WHERE id = '{remark.id}') WHERE id = '{other.id}'")
    under = await consent.grant(actors.staff(), [ada.id, eve.id], fields=["phone"])
    moved = await Person.get(id=eve.id)
    spoiled = await Remark.get(id=other.id)
    for row, value in ((moved, moved.phone), (moved, moved.name), (spoiled, spoiled.text)):
        with pytest.raises(vault.Unreadable):
            consent.disclose(row, value, under)
    untouched = await Remark.get(id=remark.id)
    assert consent.disclose(untouched, untouched.text, under) == "hers"
    with pytest.raises(TypeError, match="not of this row"):
        consent.disclose(moved, untouched.text, under)


async def test_keys_are_fetched_once_for_a_batch(ring: Keyring) -> None:
    with counting() as first:
        await Person.bulk_create([Person(phone=f"+86139{n:08}", name=f"N{n}") for n in range(300)])
    assert [sql.split()[0] for sql in first.sent if "customer_keys" in sql] == ["SELECT", "INSERT", "SELECT"]
    people = await Person.all()
    for person in people:
        person.name = "other"
    with counting() as second:
        await Person.bulk_update(people, ["name"])
    assert not [sql for sql in second.sent if "customer_keys" in sql], "the keys are still known"


async def test_nothing_is_written_about_the_erased(ring: Keyring) -> None:
    person = await Person.create(phone=PLAIN)
    await ring.shred(person.id)
    person.phone = "+8613800000000"
    with pytest.raises(Erased):
        await person.save()
    with pytest.raises(Erased):
        await Remark.create(customer_id=person.id, text="x")
    with pytest.raises(Erased):
        await Person.create(id=person.id)
    assert isinstance(person.id, UUID)
