"""Keeping apart what tells who somebody is from the rest of an event's properties, and putting both together again. Pure.

What is sealed is kept by JSON pointer (RFC 6901); in its place the rest has a null, so that both still fit together. A member
whose very name looks personal leaves no trace in the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, unquote_plus

from siyu.domain.kernel import normal

_ZEROS: Final = bytes.maketrans(b"0123456789", b"0" * 10)
#: What may stand between the digits of a number.
_BETWEEN: Final = b" -()."
#: No telephone or identity number that is looked for has fewer digits, save international ones, which begin with a plus.
_RUN: Final = b"0" * 11
#: Digits of other scripts, as far as they are in the basic plane; beyond it, whatever there is, so that the set stays quick to search.
_FOREIGN_DIGIT: Final = re.compile(
    "[" + "".join(chr(code) for code in range(0x80, 0x10000) if chr(code).isdecimal()) + "\U00010000-\U0010ffff]"
)
_DECODINGS_MAX: Final = 3


def suspicious(data: bytes) -> bool:
    """Whether a text, or JSON text, may hold something personal: cheap, and never False where `personal` would find anything."""
    if not data.isascii():
        text = normal.visible(data.decode())
        if _FOREIGN_DIGIT.search(text):
            return True
        data = text.encode()
    # Escapes and percent signs may hide letters or digits; a float of that size may be an identity number.
    return b"@" in data or b"+" in data or b"%" in data or b"\\" in data or b"e17" in data or _RUN in data.translate(_ZEROS, _BETWEEN)


def personal(value: object) -> bool:
    """Whether a name, or a value that is neither object nor list, looks personal: as it is, or decoded as a part of a URL."""
    if isinstance(value, str):
        if len(value) < _LENGTH_MIN or not suspicious(value.encode()):
            return False
        return any(normal.looks_personal(spelling) for spelling in _spellings(value))
    if isinstance(value, float):
        return normal.looks_personal(repr(value)) or (value.is_integer() and normal.looks_personal(str(int(value))))
    return isinstance(value, int) and abs(value) >= _NUMBER_MIN and normal.looks_personal(str(value))


#: Nothing shorter, and no smaller whole number, is anybody's address or number.
_LENGTH_MIN: Final = len("a@b.c")
_NUMBER_MIN: Final = 10**10

#: Names of members that were looked at and say nothing: the same few come again and again.
_usual_names: set[str] = set()
_USUAL_NAMES_MAX: Final = 10_000


def _telling(name: str) -> bool:
    """Whether the name of a member looks personal."""
    if name in _usual_names:
        return False
    if personal(name):
        return True
    if len(_usual_names) < _USUAL_NAMES_MAX:
        _usual_names.add(name)
    return False


def _spellings(text: str) -> Iterator[str]:
    yield text
    if "+" in text:
        yield text.replace("+", " ")
    for _ in range(_DECODINGS_MAX):
        if "%" not in text:
            break
        decoded = unquote(text)
        yield decoded
        if "+" in text:
            yield unquote_plus(text)
        if decoded == text:
            break
        text = decoded


@dataclass(slots=True)
class Split:
    """Properties in two parts."""

    clear: dict[str, object]
    #: By JSON pointer.
    sealed: dict[str, object] = field(default_factory=dict)
    #: Names of members in which something looked personal, without being defined so. None of them does itself.
    seen: set[str] = field(default_factory=set)
    #: Where that was, as pointers without a name that looks personal itself.
    places: list[str] = field(default_factory=list)


def split(properties: Mapping[str, object], defined: frozenset[str]) -> Split:
    """The properties without what looks personal or is a member of a name in `defined`, and that by itself."""
    found = Split({})
    found.clear = _object(properties, "", "", defined, found)
    return found


def _object(value: Mapping[str, object], at: str, name: str, defined: frozenset[str], found: Split) -> dict[str, object]:
    kept: dict[str, object] = {}
    for key, each in value.items():
        below = f"{at}/{_token(key)}"
        if _telling(key):
            found.sealed[below] = each
            found.places.append(at or "/")
            if name:
                found.seen.add(name)
        elif key in defined and each is not None:
            found.sealed[below] = each
            kept[key] = None
        else:
            kept[key] = _value(each, below, key, defined, found)
    return kept


def _value(value: object, at: str, name: str, defined: frozenset[str], found: Split) -> object:
    if isinstance(value, dict):
        return _object(value, at, name, defined, found)
    if isinstance(value, list):
        return [_value(each, f"{at}/{number}", name, defined, found) for number, each in enumerate(value)]
    if personal(value):
        found.sealed[at] = value
        found.places.append(at)
        found.seen.add(name)
        return None
    return value


def joined(clear: object, sealed: object) -> object:
    """The properties as they were given; without what is sealed, where that is not there. `clear` is changed."""
    if isinstance(clear, dict) and isinstance(sealed, dict):
        for pointer, value in sealed.items():
            *way, last = pointer.split("/")[1:]
            within: object = clear
            for step in way:
                within = within[int(step)] if isinstance(within, list) else _member(within, step)
            if isinstance(within, list):
                within[int(last)] = value
            else:
                assert isinstance(within, dict), "a pointer leads through objects and lists"
                within[_name(last)] = value
    return clear


def _member(within: object, step: str) -> object:
    assert isinstance(within, dict), "a pointer leads through objects and lists"
    return within[_name(step)]


def _token(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1") if "~" in name or "/" in name else name


def _name(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~") if "~" in token else token
