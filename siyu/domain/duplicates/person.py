"""What is compared of a person, brought to one spelling. Pure; it is made from opened values, inside the job, and dropped there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from anyascii import anyascii

from siyu.domain.kernel import normal

_NO_LETTER: Final = re.compile(r"[^a-z0-9]+")
#: Han, kana and hangul: each sign is a syllable, so that two signs of a name are as good as eight letters.
_SYLLABIC: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person's values for comparing: Latin letters and digits in lower case, empty where nothing is known."""

    family: str
    given: str
    #: The whole name's parts, sorted: all that is known where a name was not taken apart.
    parts: tuple[str, ...]
    #: The name as it is written, without blanks: tells 王芳 from 汪方, which sound alike.
    written: str
    #: Whether the name is written in signs of a syllable each.
    syllabic: bool
    birthday: date | None
    phone: str
    email: str
    line1: str
    line2: str
    postal_code: str
    city: str
    province: str
    gender: str

    @property
    def name(self) -> str:
        """The whole name as one word, whichever part came first."""
        return "".join(self.parts)


def person(
    *,
    display_name: str | None = None,
    family_name: str | None = None,
    given_name: str | None = None,
    birthday: date | None = None,
    phone: str | None = None,
    email: str | None = None,
    line1: str | None = None,
    line2: str | None = None,
    postal_code: str | None = None,
    city: str | None = None,
    province: str | None = None,
    gender: str | None = None,
) -> Person:
    """A person from what is stored of them, in whatever script."""
    family, given = latin(family_name), latin(given_name)
    shown = " ".join(part for part in (family_name, given_name) if part) or display_name or ""
    masked = normal.masked(shown)
    return Person(
        family="" if masked else family,
        given="" if masked else given,
        parts=() if masked else tuple(sorted(_parts(shown))),
        written="" if masked else _written(shown),
        syllabic=not masked and bool(_SYLLABIC.search(shown)),
        birthday=birthday,
        phone=phone or "",
        email=email or "",
        line1=_words(line1),
        line2=_words(line2),
        postal_code=latin(postal_code),
        city=latin(city),
        province=latin(province),
        gender=gender if gender in ("FEMALE", "MALE") else "",
    )


def latin(text: str | None) -> str:
    """Letters and digits only, in Latin script: 王芳 and `Wang Fang` are both `wangfang`."""
    return _NO_LETTER.sub("", anyascii(text).casefold()) if text else ""


def _words(text: str | None) -> str:
    return " ".join(_NO_LETTER.sub(" ", anyascii(_SYLLABIC.sub(r" \g<0> ", text)).casefold()).split()) if text else ""


def _written(name: str) -> str:
    return "".join(normal.folded(name).split())


def _parts(name: str) -> list[str]:
    """The words of a name; the signs of a Chinese, Japanese or Korean one each count as a word."""
    return _words(name).split()
