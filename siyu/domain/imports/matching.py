"""Who is who: which rows of a file are one customer, and what each row changes of them. Pure.

- Rows that share an identity of the kinds in `match_on` are one customer; so are a row and a customer that is there.
- A row whose identities belong to two customers joins neither: it is refused as a conflict.
- A row that is known by its member number, or has none, updates: what it says replaces what was there, empty cells
  change nothing. A row that brings a number which the customer did not have (a second card) only fills what is empty.
- A masked name (`姜**`) only fills, always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from siyu.domain.kernel import normal

MEMBER_NO = "MEMBER_NO"
_NAMES = ("display_name", "family_name", "given_name")


class ImportMode(StrEnum):
    """What an import may do with a row."""

    CREATE_ONLY = "CREATE_ONLY"
    UPDATE_ONLY = "UPDATE_ONLY"
    UPSERT = "UPSERT"


class Outcome(StrEnum):
    """What became of a row."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    SKIPPED = "SKIPPED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class Key:
    """One identity, in the form in which two spellings of it are equal."""

    kind: str
    value: str
    app_id: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that was read: its identities and everything else it says."""

    row: int
    keys: tuple[Key, ...]
    values: Mapping[str, object]
    notes: tuple[str, ...] = ()
    #: Names of tags, as the file spells them.
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class Person:
    """All that a chunk of rows says of one customer."""

    id: UUID
    new: bool
    #: Replaces what is there.
    values: dict[str, object] = field(default_factory=dict)
    #: Fills what is empty, no more.
    fills: dict[str, object] = field(default_factory=dict)
    #: Identities that were not known to be theirs.
    keys: list[Key] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a row, and why where it is not taken."""

    row: int
    outcome: Outcome
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a chunk does: people to write, and a verdict for each row."""

    people: tuple[Person, ...]
    verdicts: tuple[Verdict, ...]


_TITLES = {
    "PHONE": "phone number",
    "EMAIL": "email address",
    "MEMBER_NO": "member number",
    "EXTERNAL_ID": "external id",
    "WECHAT_OPENID": "WeChat openid",
    "WECHAT_UNIONID": "WeChat unionid",
    "WECHAT_EXTERNAL_USERID": "WeCom external user id",
}


def title_of(kind: str) -> str:
    """What people call a kind of identity."""
    return _TITLES.get(kind, kind)


def plan(
    drafts: Iterable[Draft], owners: Mapping[Key, UUID], *, match_on: Sequence[str], mode: ImportMode, new_id: Callable[[], UUID]
) -> Plan:
    """Decide what a chunk of rows does.

    `owners` says whose the identities are that are known so far, of every kind, whether they are matched on or not;
    `new_id` makes the id of a customer who is new.
    """
    known = dict(owners)
    people: dict[UUID, Person] = {}
    verdicts: list[Verdict] = []
    for draft in drafts:
        refusal = _refusal(draft, known, match_on)
        if refusal is not None:
            verdicts.append(Verdict(draft.row, Outcome.REJECTED, refusal))
            continue
        owner = next((known[key] for key in draft.keys if key.kind in match_on and key in known), None)
        if (owner is None) is (mode is ImportMode.UPDATE_ONLY) and mode is not ImportMode.UPSERT:
            verdicts.append(Verdict(draft.row, Outcome.SKIPPED, _skipped(mode)))
            continue
        person = _person(people, owner, new_id)
        _take(person, draft, known)
        verdicts.append(Verdict(draft.row, Outcome.CREATED if owner is None else Outcome.UPDATED))
    return Plan(tuple(people.values()), tuple(verdicts))


def _refusal(draft: Draft, known: Mapping[Key, UUID], match_on: Sequence[str]) -> str | None:
    if not any(key.kind in match_on for key in draft.keys):
        names = ", ".join(title_of(kind) for kind in match_on)
        return f"Nothing says who this is: the row has none of {names} that can be read."
    owners: dict[UUID, Key] = {}
    for key in draft.keys:
        if key in known:
            owners.setdefault(known[key], key)
    if len(owners) > 1:
        first, second, *_ = (title_of(key.kind) for key in owners.values())
        return f"The {first} and the {second} belong to two different customers: merge them, or correct the row."
    if owners and not any(key.kind in match_on and key in known for key in draft.keys):
        taken = next(iter(owners.values()))
        return f"The {title_of(taken.kind)} belongs to another customer, and rows are not matched on it."
    return None


def _skipped(mode: ImportMode) -> str:
    return "The customer is there already." if mode is ImportMode.CREATE_ONLY else "There is no such customer."


def _person(people: dict[UUID, Person], owner: UUID | None, new_id: Callable[[], UUID]) -> Person:
    found = people.get(owner) if owner is not None else None
    if found is None:
        found = Person(new_id(), new=True) if owner is None else Person(owner, new=False)
        people[found.id] = found
    return found


def _take(person: Person, draft: Draft, known: dict[Key, UUID]) -> None:
    numbers = [key for key in draft.keys if key.kind == MEMBER_NO]
    updates = (not person.rows and person.new) or not numbers or any(key in known for key in numbers)
    for name, value in draft.values.items():
        hidden = name in _NAMES and isinstance(value, str) and normal.masked(value)
        if updates and not hidden:
            person.values[name] = value
            person.fills.pop(name, None)
        elif name not in person.values:
            person.fills.setdefault(name, value)
    for key in draft.keys:
        if key not in known:
            known[key] = person.id
            person.keys.append(key)
    person.notes.extend(note for note in draft.notes if note not in person.notes)
    person.tags.extend(name for name in draft.tags if name not in person.tags)
    person.rows.append(draft.row)
