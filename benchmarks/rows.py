"""From invented people to finished rows: sealed, indexed, with their keys made. A noun joins by one function below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Final
from uuid import UUID

from tortoise.models import Model

from siyu.domain.customers import ActivityState, LifecycleStage
from siyu.domain.customers.rules import age_band
from siyu.domain.customers.tables import NEVER, Customer, Identity, IdentityKind
from siyu.domain.demo import Person, people
from siyu.domain.orders.tables import Order, OrderStatus
from siyu.domain.tags.tables import Tag, TagAssignment, TagKind, TagSource
from siyu.privacy.sealed import PersonalModel, seal
from siyu.privacy.tables import Consent, ConsentState

#: A table's name, its columns, and rows as a driver takes them.
Values = tuple[object, ...]
Batch = Mapping[str, tuple[Sequence[str], list[Values]]]

#: All moments are before this one, so that a data set is the same whenever it is made.
UNTIL: Final = datetime(2026, 11, 1, tzinfo=UTC)
_SPAN: Final = timedelta(days=3 * 365)

#: What people were asked, and how many of a hundred said yes. `newsletter` is added to the purposes that the house knows.
CONSENTS: Final = (("marketing", 70), ("analytics", 90), ("newsletter", 40))

#: How many tags there are, and how many of them each customer has.
TAGS: Final = 200
TAGS_EACH: Final = 4


@dataclass(frozen=True, slots=True)
class Spec:
    """Which data set."""

    customers: int
    seed: int


@dataclass(frozen=True, slots=True)
class Made:
    """One customer, of whom the other nouns make rows."""

    person: Person
    id: UUID
    created_at: datetime
    random: Random


def _key(moment: datetime, random: Random) -> UUID:
    """A UUIDv7 of this moment."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | random.getrandbits(12) << 64 | 0b10 << 62 | random.getrandbits(62))


def customers(first: int, count: int, spec: Spec) -> Iterator[Made]:
    """The customers numbered from `first` on, the higher the newer."""
    step = _SPAN / spec.customers
    for person in people(first, count, seed=spec.seed, until=UNTIL):
        random = Random(f"{spec.seed}:row:{person.number}")
        created_at = (UNTIL - _SPAN + step * person.number).replace(microsecond=0) + timedelta(milliseconds=random.randrange(1000))
        yield Made(person, _key(created_at, random), created_at, random)


def _customer(made: Made) -> Customer:
    person = made.person
    counted = [each for each in person.purchases if each.status is not OrderStatus.CANCELLED]
    return Customer.fresh(
        id=made.id,
        created_at=made.created_at,
        updated_at=made.created_at,
        display_name=person.display_name,
        phone=person.phone,
        email=person.email,
        birth_month=person.birthday.month,
        age_band=age_band(person.birthday, UNTIL.date()),
        gender=person.gender,
        occupation=person.occupation,
        locale="zh-CN",
        timezone="Asia/Shanghai",
        city=person.city,
        province=person.province,
        country="中国",
        source=person.source,
        orders_count=len(counted),
        lifecycle_stage=_stage(len(counted)),
        activity=_activity(counted[-1].placed_at if counted else made.created_at),
        spent_e4=sum(each.total_e4 for each in counted),
        spent_currency="CNY" if counted else "",
        first_ordered_at=counted[0].placed_at if counted else None,
        last_ordered_or_never=counted[-1].placed_at if counted else NEVER,
    )


def _stage(orders: int) -> LifecycleStage:
    """As a policy of five orders for loyalty says it, near enough."""
    if orders > 1:
        return LifecycleStage.LOYAL if orders >= 5 else LifecycleStage.RETURNING  # said above
    return LifecycleStage.NEW if orders else LifecycleStage.PROSPECT


def _activity(last: datetime) -> ActivityState:
    days = (UNTIL - last).days
    if days <= 90:  # a quarter, and a year below
        return ActivityState.ACTIVE
    return ActivityState.SILENT if days <= 365 else ActivityState.CHURNED  # as above


def _identities(made: Made) -> Iterator[Identity]:
    person = made.person
    known = ((IdentityKind.PHONE, person.phone), (IdentityKind.EMAIL, person.email), (IdentityKind.MEMBER_NO, person.member_no))
    for kind, value in known:
        if value is not None:
            profile = kind is not IdentityKind.MEMBER_NO
            row_id = _key(made.created_at, made.random)
            yield Identity.fresh(
                id=row_id, created_at=made.created_at, customer_id=made.id, kind=kind, app_id="", value=value, profile=profile
            )


_ORDER = (
    "id", "created_at", "updated_at", "customer_id", "external_id", "status", "channel", "total_e4", "refunded_e4", "currency",
    "items_count", "placed_at", "worth_e4", "worth_currency",
)  # fmt: skip


def _orders(made: Made, spec: Spec) -> Iterator[Values]:
    for each in made.person.purchases:
        at, row_id = each.placed_at, _key(each.placed_at, made.random)
        facts = (each.external_id, each.status.value, each.channel, each.total_e4, 0, "CNY", each.items_count)
        yield (row_id, at, at, made.id, *facts, at, each.total_e4, "CNY")


_CONSENT = ("id", "customer_id", "purpose", "state", "purpose_version", "since", "expires_at")


def _consents(made: Made, spec: Spec) -> Iterator[Values]:
    for purpose, share in CONSENTS:
        state = ConsentState.GRANTED if made.random.randrange(100) < share else ConsentState.WITHDRAWN
        yield (_key(made.created_at, made.random), made.id, purpose, state.value, 1, made.created_at, None)


def tags(spec: Spec) -> list[Tag]:
    """The tags, the same for the same seed."""
    random, at = Random(f"{spec.seed}:tags"), UNTIL - _SPAN
    return [Tag(id=_key(at, random), created_at=at, updated_at=at, name=f"标签{number:03}", kind=TagKind.MANUAL) for number in range(TAGS)]


_known_tags = cache(tags)
_TAGGED = ("id", "customer_id", "tag_id", "source", "assigned_at")


def _tagged(made: Made, spec: Spec) -> Iterator[Values]:
    random = Random(f"{spec.seed}:tagged:{made.person.number}")
    for number, tag in enumerate(random.sample(_known_tags(spec), TAGS_EACH)):
        at = made.created_at + timedelta(hours=number)
        yield _key(at, random), made.id, tag.id, TagSource.MANUAL.value, at


@dataclass(frozen=True, slots=True)
class Maker:
    """The rows that each customer has in a table with nothing sealed, as values in the order of `columns`."""

    table: type[Model]
    columns: tuple[str, ...]
    plain: Callable[[Made, Spec], Iterable[Values]]


#: What a customer has, in tables without and with sealed columns. Points join when they have tables.
MAKERS: Final = (Maker(Order, _ORDER, _orders), Maker(Consent, _CONSENT, _consents), Maker(TagAssignment, _TAGGED, _tagged))
SEALING: Final[tuple[Callable[[Made], Iterable[PersonalModel]], ...]] = (_identities,)


async def batch(first: int, count: int, spec: Spec) -> Batch:
    """Rows of so many customers and of all that they have, for a bulk insert. Keys are made, and stored in the key store."""
    found: dict[type[PersonalModel], list[PersonalModel]] = {Customer: []}
    plain: dict[str, tuple[Sequence[str], list[Values]]] = {maker.table._meta.db_table: (maker.columns, []) for maker in MAKERS}
    for made in customers(first, count, spec):
        found[Customer].append(_customer(made))
        for sealing in SEALING:
            for row in sealing(made):
                found.setdefault(type(row), []).append(row)
        for maker in MAKERS:
            plain[maker.table._meta.db_table][1].extend(maker.plain(made, spec))
    for rows in found.values():
        await seal(rows)
    return {**{model._meta.db_table: (_columns(model), _values(model, rows)) for model, rows in found.items()}, **plain}


def _columns(model: type[Model]) -> list[str]:
    return list(model._meta.fields_db_projection.values())


def _values(model: type[Model], rows: Sequence[Model]) -> list[Values]:
    fields = [(name, model._meta.fields_map[name].to_db_value) for name in model._meta.fields_db_projection]
    return [tuple(change(row.__dict__[name], row) for name, change in fields) for row in rows]
