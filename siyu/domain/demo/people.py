"""Invented people, always the same: number 17 of a seed is one person, however many are asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final

from siyu.domain.customers import Gender
from siyu.domain.demo.names import CHANNELS, CITIES, FAMILY, GIVEN, OCCUPATIONS, SOURCES
from siyu.domain.orders import OrderStatus

#: Numbers of people: each has a telephone number of eight digits of its own.
NUMBER_MAX: Final = 10**8
#: 145 and 147 are handed out for data cards, on which nobody answers a call.
_PREFIXES: Final = ("+86145", "+86147")
#: No factor in common with 10**8, so that each number gets other digits.
_SPREAD: Final = 61_803_399
_GENDERS: Final = (Gender.FEMALE, Gender.MALE, Gender.UNKNOWN)
#: Mean number of orders is five: a third has none or one, few have many.
_ORDERS_SCALE: Final = 5.485
_ORDERS_MAX: Final = 60
_STATUSES: Final = (OrderStatus.FULFILLED, OrderStatus.PAID, OrderStatus.PLACED, OrderStatus.CANCELLED)
_CITY_WEIGHTS: Final = tuple(accumulate(share for _, _, share in CITIES))
_SOURCE_WEIGHTS: Final = tuple(accumulate(share for _, share in SOURCES))


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order of an invented person. The amount is in whole ten-thousandths."""

    external_id: str
    placed_at: datetime
    total_e4: int
    items_count: int
    channel: str
    status: OrderStatus


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist. Values are in their normal spelling."""

    number: int
    family_name: str
    given_name: str
    phone: str
    email: str
    #: Every third has one.
    member_no: str | None
    gender: Gender
    birthday: date
    city: str
    province: str
    source: str
    occupation: str
    #: Oldest first.
    purchases: tuple[Purchase, ...]

    @property
    def display_name(self) -> str:
        """Family name and given name, as they are written in Chinese."""
        return self.family_name + self.given_name


def people(first: int, count: int, *, seed: int, until: datetime) -> Iterator[Person]:
    """The people numbered from `first` on. Their orders were placed in the three years before `until`."""
    assert 0 <= first <= first + count <= NUMBER_MAX, "Telephone numbers have eight digits to tell people apart."
    for number in range(first, first + count):
        yield _person(number, Random(f"{seed}:{number}"), seed, until)  # noqa: S311  # nothing secret


def _person(number: int, random: Random, seed: int, until: datetime) -> Person:
    family, family_pinyin = random.choice(FAMILY)
    given = [random.choice(GIVEN) for _ in range(random.choice((1, 2, 2)))]
    city, province, _ = random.choices(CITIES, cum_weights=_CITY_WEIGHTS)[0]
    return Person(
        number=number,
        family_name=family,
        given_name="".join(letter for letter, _ in given),
        phone=f"{random.choice(_PREFIXES)}{(number * _SPREAD + seed) % NUMBER_MAX:08}",
        email=f"{family_pinyin}.{''.join(pinyin for _, pinyin in given)}{number}@example.com",
        member_no=f"D{number:08}" if number % 3 == 0 else None,
        gender=random.choices(_GENDERS, cum_weights=(52, 95, 100))[0],
        birthday=date(1950, 1, 1) + timedelta(days=random.randrange(58 * 365)),
        city=city,
        province=province,
        source=random.choices(SOURCES, cum_weights=_SOURCE_WEIGHTS)[0][0],
        occupation=random.choice(OCCUPATIONS),
        purchases=_purchases(number, random, until),
    )


def _purchases(number: int, random: Random, until: datetime) -> tuple[Purchase, ...]:
    wanted = min(int(random.expovariate(1 / _ORDERS_SCALE)), _ORDERS_MAX)
    seconds = sorted((random.randrange(3 * 365 * 86_400) for _ in range(wanted)), reverse=True)
    return tuple(
        Purchase(
            external_id=f"DEMO-{number:08}-{place:02}",
            placed_at=until - timedelta(seconds=ago),
            total_e4=100 * random.randrange(19_00, 1_299_00),
            items_count=random.randrange(1, 6),
            channel=random.choice(CHANNELS),
            status=random.choices(_STATUSES, cum_weights=(82, 91, 95, 100))[0],
        )
        for place, ago in enumerate(seconds)
    )
