"""Reading a rule that is written as text: the grammar, and what is said of a text that does not fit it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from siyu.domain.rules.limits import BRACKETS_MAX, EXPRESSION_MAX

Syntax: TypeAlias = Tree[Token]

#: With what a condition begins, as it is written.
CONDITIONS: Final = {
    "_PROFILE": "profile.city",
    "_ATTRIBUTE": 'attribute("…")',
    "_TAG": "tag any",
    "_SEGMENT": "segment in",
    "_LIFECYCLE": "lifecycle stage",
    "_RFM": "rfm group",
    "_EVENTS": 'events("…")',
    "_ORDERS": "orders.total",
    "_POINTS": "points.balance",
    "_CONSENT": 'consent("…")',
    "_ANNIVERSARY": "anniversary(birthday)",
}
_VALUES: Final = {"STRING", "NUMBER", "DAY", "MOMENT", "WORD"}
_COMPARISONS: Final = {"OPERATOR", "_BETWEEN", "_IN"}
_WORDED: Final = {
    "$END": "the end",
    "_LPAR": '"("',
    "_RPAR": '")"',
    "_COMMA": "a comma",
    "_UPTO": '".."',
    "_DOT": 'a "."',
    "STRING": "a text in quotes",
    "NUMBER": "a number",
    "DAY": "a day such as 2026-01-31",
    "MOMENT": "a moment",
    "WORD": "a word",
    "OPERATOR": "a comparison such as >=",
    "_DAYS": '"days"',
}
#: Never repeated: what stands in quotes, or has so many digits, may be somebody's.
_SHOWN_MAX: Final = 24
_DIGITS_MAX: Final = 6
_BRACKETS: Final = {"_LPAR": 1, "_RPAR": -1}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a text, both from 1."""

    line: int
    column: int


class Misread(Exception):
    """A text is no rule: at `place`, for the reason in `message`, a sentence for people without anything that may be personal."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.message = message
        self.place = place


def parsed(text: str) -> Syntax:
    """The syntax of a text; raises `Misread` with what was found and what was expected."""
    if len(text) > EXPRESSION_MAX:
        raise Misread(f"A rule has at most {EXPRESSION_MAX:,} characters.", Place(1, 1))
    reader = _grammar().parse_interactive(text)
    try:
        depth = 0
        for token in reader.iter_parse():
            depth += _BRACKETS.get(token.type, 0)
            if depth > BRACKETS_MAX:
                raise Misread(f"Brackets nest at most {BRACKETS_MAX} deep.", Place(token.line or 1, token.column or 1))
        return cast(Syntax, reader.feed_eof())  # type: ignore[no-untyped-call]  # lark's own
    except UnexpectedInput as error:
        wanted = reader.accepts()  # type: ignore[no-untyped-call]  # as above
        raise _misread(error, text, wanted) from None


@cache
def _grammar() -> Lark:
    rules = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(rules, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _misread(error: UnexpectedInput, text: str, wanted: Collection[str]) -> Misread:
    if isinstance(error, UnexpectedCharacters):
        found = text[error.pos_in_stream or 0]
        if found in "\"'“":
            return Misread("The text that begins here has no closing quote.", Place(error.line, error.column))
        shown = f'"{found}"' if found.isprintable() else "a character that nobody sees"
        return Misread(f"Found {shown}, expected {expected(wanted)}.", Place(error.line, error.column))
    assert isinstance(error, UnexpectedToken), "the lexer or the parser complains"
    if error.token.type == "$END":
        return Misread(f"The rule ends too early, expected {expected(wanted)}.", _end(text))
    near = suggestion(str(error.token), [_word(name) for name in wanted]) if len(wanted) > 1 else ""
    return Misread(f"Found {_found(error.token)}, expected {expected(wanted)}.{near}", Place(error.line, error.column))


def _end(text: str) -> Place:
    lines = text.split("\n")
    return Place(len(lines), len(lines[-1]) + 1)


def _found(token: Token) -> str:
    text = str(token)
    if token.type in ("DAY", "MOMENT"):
        return "a day"
    if token.type == "STRING" or sum(map(str.isdigit, text)) > _DIGITS_MAX:
        return "a text in quotes" if token.type == "STRING" else "a number"
    return f'"{text[:_SHOWN_MAX]}"'


def _word(name: str) -> str:
    return name.removeprefix("_").lower()


def suggestion(word: str, words: Iterable[str]) -> str:
    """A sentence with what somebody may have meant, after a blank; nothing where no word is near."""
    near = get_close_matches(word.lower(), list(words), 1)
    return f' Did you mean "{near[0]}"?' if near else ""


def expected(names: Iterable[str]) -> str:
    """What the grammar would have taken, in words."""
    left = set(names)
    said: list[str] = []
    if CONDITIONS.keys() <= left:
        said.append(f"a condition such as {CONDITIONS['_ORDERS']}, {CONDITIONS['_TAG']} or {CONDITIONS['_PROFILE']}")
        left -= CONDITIONS.keys() | {"_NO", "_ALL", "_ANY", "_LPAR", "_NOT"}
    if left >= _COMPARISONS:
        said.append('a comparison such as >=, "in" or "is set"')
        left -= _COMPARISONS | {"_IS", "_NOT"} | ({"_LPAR"} if "_LPAR" in left else set())
    if left >= _VALUES:
        said.append("a value: a text in quotes, a number, a day such as 2026-01-31, true or false")
        left -= _VALUES
    said += sorted(_WORDED.get(name) or f'"{_word(name)}"' for name in left)
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} or {said[-1]}"
