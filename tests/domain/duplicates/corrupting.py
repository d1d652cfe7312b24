"""People as they come twice: what typists, forms and scanners do to one record, in the manner of FEBRL's generator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from hypothesis import strategies as st

from siyu.domain.duplicates.person import Person, person

FAMILY = ("hathaway", "mccarthy", "brennan", "petrovic", "nakamura", "lindqvist", "okafor", "moreau")
GIVEN = ("benjamin", "charlotte", "isabella", "jonathan", "madeline", "nicholas", "samantha", "zachary")
STREETS = ("tullaroop street", "bennelong crescent", "yuranigh court", "pridham street", "hoseason place")
CITIES = ("willaroo", "kellerberrin", "cleveland", "granville")


@dataclass(frozen=True, slots=True)
class Record:
    """What a form says of one person."""

    family_name: str | None
    given_name: str | None
    birthday: date | None
    line1: str | None
    postal_code: str | None
    city: str | None

    def read(self) -> Person:
        """Ready to be compared."""
        return person(
            family_name=self.family_name,
            given_name=self.given_name,
            birthday=self.birthday,
            line1=self.line1,
            postal_code=self.postal_code,
            city=self.city,
        )


records = st.builds(
    Record,
    family_name=st.sampled_from(FAMILY),
    given_name=st.sampled_from(GIVEN),
    birthday=st.dates(date(1920, 1, 1), date(2010, 12, 31)),
    line1=st.builds("{} {}".format, st.integers(1, 250), st.sampled_from(STREETS)),
    postal_code=st.integers(2000, 7999).map(str),
    city=st.sampled_from(CITIES),
)


@st.composite
def typo(draw: st.DrawFn, text: str) -> str:
    """One letter left out, doubled, changed or exchanged with the next."""
    at = draw(st.integers(0, len(text) - 2))
    letter = draw(st.sampled_from("aeiorstn"))
    left_out, doubled, changed = text[:at] + text[at + 1 :], text[: at + 1] + text[at:], text[:at] + letter + text[at + 1 :]
    exchanged = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return draw(st.sampled_from((left_out, doubled, changed, exchanged)))


_FIELDS = ("names", "family_name", "given_name", "birthday", "line1", "city")


@st.composite
def corrupted(draw: st.DrawFn, record: Record) -> Record:
    """The same person with one to three mistakes, each in another field."""
    for field in draw(st.lists(st.sampled_from(_FIELDS), min_size=1, max_size=3, unique=True)):
        if field == "names":
            record = replace(record, family_name=record.given_name, given_name=record.family_name)
        elif field == "birthday":
            day = record.birthday
            assert day is not None
            swapped = day.replace(month=day.day, day=day.month) if day.day <= 12 else None
            record = replace(record, birthday=draw(st.sampled_from((None, swapped))))
        else:
            wrong = typo(getattr(record, field))
            mistaken = draw(st.one_of(wrong, st.none()) if field == "city" else wrong)
            record = replace(record, **{field: mistaken})  # type: ignore[arg-type]  # a text
    return record
