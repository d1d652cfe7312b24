"""From what was said of an event to what is stored of it, all checked. Nothing here asks a database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson

from siyu.domain.events import rules, splitting
from siyu.domain.events.register import PROPERTIES_MAX, Known, Novelty, told, type_of
from siyu.domain.events.rules import Timing
from siyu.privacy.refusal import Code, Refusal

KEY_BYTES: Final = 16
CONTENT_BYTES: Final = 8
_NONE: Final = Known()
_NOTHING: Final[dict[str, set[str]]] = {}
_NO_PROPERTIES: Final[dict[str, object]] = {}
#: Of one name, until the register is read again.
_SHAPES_MAX: Final = 1_000


@dataclass(slots=True)
class Draft:
    """One event as it will be stored, save for whose it is and what is sealed."""

    position: int
    name: str
    occurred_at: datetime
    channel: str | None
    key: bytes
    content: bytes
    #: JSON text.
    clear: bytes
    sealed: dict[str, object] | None
    timing: Timing
    customer_id: UUID | None = None


@dataclass(slots=True)
class Drafter:
    """Makes the drafts of one batch. `secret` keeps keys and contents from being guessed out of their hashes."""

    received_at: datetime
    late_after: timedelta
    secret: bytes = field(repr=False)
    #: Whether values that look personal are refused, where the property is not defined as personal.
    refuses: bool
    register: Mapping[str, Known]
    #: Whether all the properties of the batch as text were looked at together, and hold nothing that may be personal.
    clear: bool = False
    novelties: dict[str, Novelty] = field(default_factory=dict)
    #: Hashes that have taken the secret already: copied for each event, that costs half.
    _keys: hashlib.blake2b = field(init=False, repr=False)
    _contents: hashlib.blake2b = field(init=False, repr=False)
    #: What happened since then, and before it was received, is neither late nor ahead.
    _usual_since: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._keys = hashlib.blake2b(digest_size=KEY_BYTES, key=self.secret)
        self._contents = hashlib.blake2b(digest_size=CONTENT_BYTES, key=self.secret)
        self._usual_since = self.received_at - min(self.late_after, rules.AGE_MAX)

    def draft(
        self,
        position: int,
        *,
        name: str,
        occurred_at: datetime,
        properties: object,
        text: bytes | Refusal,
        key: str,
        channel: str | None,
        said_at: str | None = None,
    ) -> Draft:
        """The event, checked; `name` is in its normal spelling, `text` is what `texts` says of it.

        Raises what is wrong with it, by the path below the event.
        """
        usual = self._usual_since <= occurred_at <= self.received_at
        timing = Timing.USUAL if usual else rules.timing(occurred_at, self.received_at, self.late_after)
        rules.idempotency_key(key)
        where = rules.channel_name(channel)
        if isinstance(text, Refusal):
            raise text
        data, given = text, properties if isinstance(properties, dict) else _NO_PROPERTIES
        about = self.register.get(name, _NONE)
        fresh = _news(given, about)
        content = self._contents.copy()
        content.update(b"%b\0%r\0%b" % (name.encode(), occurred_at.timestamp() if said_at is None else said_at, data))
        hashed = self._keys.copy()
        hashed.update(key.encode())
        sealed: dict[str, object] | None = None
        seen: set[str] = set()
        if about.personal or (not self.clear and splitting.suspicious(data)):
            data, sealed, seen = self._apart(given, data, about)
        if fresh or seen or about is _NONE:
            self._note(name, about, fresh, seen)
        return Draft(position, name, occurred_at, where, hashed.digest(), content.digest(), data, sealed, timing)

    def _apart(self, given: Mapping[str, object], data: bytes, about: Known) -> tuple[bytes, dict[str, object] | None, set[str]]:
        """The text without what is to be sealed, that, and the properties in which something looked personal for the first time."""
        if b"\\u0000" in data:
            _check_texts(given)
        found = splitting.split(given, about.personal)
        if not found.sealed:
            return data, None, set()
        seen = {each for each in found.seen if each not in about.seen and told(about, each)}
        self._refuse(found)
        return orjson.dumps(found.clear), found.sealed, seen

    def _refuse(self, found: splitting.Split) -> None:
        if self.refuses and found.places:
            raise Refusal(
                f"The property {found.places[0]} looks like somebody's number or address. Leave it out, or have it defined as personal.",
                path=("properties",),
            )

    def _note(self, name: str, about: Known, fresh: dict[str, set[str]], seen: set[str]) -> None:
        novelty = self.novelties.setdefault(name, Novelty())
        for key, types in fresh.items():
            if len(novelty.types) + len(about.types) < PROPERTIES_MAX and told(about, key):
                novelty.types[key] |= types
        novelty.seen |= seen


def texts(given: Iterable[object]) -> list[bytes | Refusal]:
    """The properties of each event as JSON text with sorted members, so that equal ones are equal as text; or what is wrong with them."""
    found: list[bytes | Refusal] = []
    for properties in given:
        try:
            found.append(_json(properties))
        except Refusal as refusal:
            found.append(refusal)
    return found


def clear(given: Iterable[bytes | Refusal]) -> bool:
    """Whether nothing in any of these texts may be personal: looked at together, since each look costs more than what it looks at."""
    return not splitting.suspicious(b",".join(each for each in given if isinstance(each, bytes)))


def _json(properties: object) -> bytes:
    given: object = _NO_PROPERTIES if properties is None else properties
    if not isinstance(given, dict):
        raise Refusal("Properties are a JSON object.", path=("properties",))
    try:
        data = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONEncodeError, RecursionError):
        raise Refusal("Properties hold JSON values: texts in Unicode, whole numbers of 64 bits at most.", path=("properties",)) from None
    if len(data) > rules.PROPERTIES_BYTES_MAX:
        raise Refusal(
            f"Properties have at most {rules.PROPERTIES_BYTES_MAX // 1024} KB as JSON.", path=("properties",), code=Code.LIMIT_EXCEEDED
        )
    return data


def _news(given: Mapping[str, object], about: Known) -> dict[str, set[str]]:
    """The types that the register has not seen, by property; refuses what is too deep, too much or no JSON."""
    shape = (tuple(given), tuple(map(type, given.values())))
    if shape in about.shapes:
        return _NOTHING
    fresh: dict[str, set[str]] = {}
    known = about.types
    parts = len(given)
    flat = True
    for name, value in given.items():
        kind = type_of(value)
        if kind == "object" or kind == "array":
            flat = False
            parts += _nested(value, known, fresh, depth=2)
        if name not in known or kind not in known[name]:
            fresh.setdefault(_named(name), set()).add(_kind(kind))
    if parts > rules.PARTS_MAX:
        raise Refusal(f"Properties have at most {rules.PARTS_MAX:,} members in all.", path=("properties",), code=Code.LIMIT_EXCEEDED)
    if flat and not fresh and len(about.shapes) < _SHAPES_MAX:
        about.shapes.add(shape)
    return fresh


def _nested(value: object, known: Mapping[str, frozenset[str]], fresh: dict[str, set[str]], *, depth: int) -> int:
    """The members of an object or the elements of a list, looked at likewise; how many there are in all."""
    if depth > rules.DEPTH_MAX:
        raise Refusal(f"Properties nest at most {rules.DEPTH_MAX} deep.", path=("properties",), code=Code.LIMIT_EXCEEDED)
    if isinstance(value, dict):
        for name, each in value.items():
            kind = type_of(each)
            if name not in known or kind not in known[name]:
                fresh.setdefault(_named(name), set()).add(_kind(kind))
        inner = list(value.values())
    else:
        assert isinstance(value, list), "only objects and lists are nested"
        inner = value
    return len(inner) + sum(_nested(each, known, fresh, depth=depth + 1) for each in inner if isinstance(each, dict | list))


def _kind(kind: str | None) -> str:
    if kind is None:
        raise Refusal("Properties hold JSON values.", path=("properties",))
    return kind


def _named(name: str) -> str:
    """A member's name that is new to the register, checked."""
    try:
        return rules.property_name(name)
    except Refusal as refusal:
        raise Refusal(refusal.message, path=("properties",), code=refusal.code) from None


def _check_texts(value: object) -> None:
    """Refuse what PostgreSQL does not store; JSON text tells of it by a backslash."""
    if isinstance(value, str) and "\0" in value:
        raise Refusal("A text holds no NUL character.", path=("properties",))
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_texts(each)
