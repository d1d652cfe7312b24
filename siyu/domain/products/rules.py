"""By which words a product is found. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from siyu.domain.kernel import normal

#: Letters that are written without spaces between words, so that a word may begin at any of them.
_UNSPACED: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_RUN: Final = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
#: Letters of a word that count: more of a longer one is not compared.
WORD_MAX: Final = 24
#: Words of a search that count.
ASKED_MAX: Final = 8


def _runs(text: str) -> list[str]:
    found: list[str] = _RUN.findall(normal.folded(text))
    return found


def words(*texts: str) -> frozenset[bytes]:
    """The words that a search may begin: those of a spaced script, and of an unspaced one all that begin at any letter."""
    return frozenset(word[:WORD_MAX].encode() for text in texts for run in _runs(text) for word in _beginnings(run))


def _beginnings(run: str) -> Iterator[str]:
    unspaced = re.fullmatch(rf"[{_UNSPACED}]+", run) is not None
    return (run[start:] for start in range(len(run) if unspaced else 1))


def asked(text: str) -> list[bytes]:
    """The words of a search, each of which must begin a word of what is found."""
    return [run[:WORD_MAX].encode() for run in _runs(text)[:ASKED_MAX]]
