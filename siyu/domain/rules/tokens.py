"""What single words, texts and numbers of a rule's text stand for. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final, TypeVar, cast
from zoneinfo import ZoneInfo

from lark import Token

from siyu.domain.rules.text import Misread, Place, Syntax, suggestion
from siyu.domain.rules.values import midnight

E = TypeVar("E", bound=Enum)
V = TypeVar("V")

#: In single quotes, what is written otherwise in double ones.
_QUOTED: Final = re.compile(r'\\.|"', re.DOTALL)
_REQUOTED: Final = {"\\'": "'", '"': '\\"'}
#: The longest that a number is written.
_DIGITS_MAX: Final = 40


def place(of: Syntax | Token) -> Place:
    """Where something begins."""
    if isinstance(of, Token):
        return Place(of.line or 1, of.column or 1)
    return Place(of.meta.line, of.meta.column)


def member(token: Token, kind: type[E], what: str) -> E:
    """The member of an enumeration that a word names, in whatever case; raises `Misread` with those that there are."""
    return one_of(token, {each.name.lower(): each for each in kind}, what)


def one_of(token: Token, words: Mapping[str, V], what: str) -> V:
    """What a word stands for, in whatever case; raises `Misread` with the words that there are."""
    found = words.get(str(token).lower())
    if found is None:
        raise Misread(f"{what} is one of {', '.join(words)}.{suggestion(str(token), words)}", place(token))
    return found


def text(token: Token) -> str:
    """A text in quotes."""
    if token.type != "STRING":
        raise Misread("Expected a text in quotes.", place(token))
    quoted = str(token)
    if quoted[0] == "“":
        return quoted[1:-1]
    if quoted[0] == "'":
        quoted = '"' + _QUOTED.sub(lambda found: _REQUOTED.get(found[0], found[0]), quoted[1:-1]) + '"'
    try:
        return cast(str, json.loads(quoted, strict=False))
    except ValueError:
        raise Misread('This text has a "\\" before something that needs none.', place(token)) from None


def value(token: Token) -> object:
    """A value as JSON has it; days and moments stay texts."""
    if token.type == "STRING":
        return text(token)
    if token.type == "NUMBER":
        written = _number(token)
        return int(written) if written.lstrip("-").isdigit() else float(written)
    if token.type == "WORD":
        if str(token).lower() not in ("true", "false"):
            raise Misread("Put texts in quotes; only true and false stand without.", place(token))
        return str(token).lower() == "true"
    return str(token)


def exact(token: Token) -> Decimal:
    """A number without loss."""
    return Decimal(_number(token))


def whole(token: Token) -> int:
    """A whole number."""
    written = _number(token) if token.type == "NUMBER" else ""
    if not written.lstrip("-").isdigit():
        raise Misread("Give a whole number.", place(token))
    return int(written)


def _number(token: Token) -> str:
    if token.type != "NUMBER":
        raise Misread("Expected a number.", place(token))
    if len(token) > _DIGITS_MAX:
        raise Misread("This number is too long.", place(token))
    return str(token)


def moment(token: Token, zone: ZoneInfo) -> datetime:
    """A moment in UTC; a day is its beginning."""
    try:
        if token.type == "DAY":
            return midnight(date.fromisoformat(token), zone)
        return datetime.fromisoformat(token.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Misread("There is no such day or time.", place(token)) from None
