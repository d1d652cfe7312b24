"""Which column of a file is which field: guessed from its title, Chinese or English, unless the caller says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from siyu.domain.imports.cells import Rule
from siyu.domain.imports.refusals import UnknownColumns

#: Columns that we add to a file of rejected rows; they are passed over when the file comes back mended.
ROW_COLUMN = "_row"
REASON_COLUMN = "_reason"
_OURS = frozenset({ROW_COLUMN, REASON_COLUMN})
_PUNCTUATION = re.compile(r"[\s_\-./·:()\[\]{}*#'\"“”‘’《》【】,、]+")
_HINT = re.compile(r"[(\[【].*?[)\]】]")


@dataclass(frozen=True, slots=True)
class Field:
    """Something a file may bring: its name in the domain, the rule for its cells, the titles that it is known by."""

    name: str
    read: Rule
    titles: tuple[str, ...]
    #: What may follow a title and then becomes the column's argument: `amount_usd` is `total:USD`.
    suffixes: tuple[str, ...] = ()
    #: What must follow the name in a mapping, after a colon; such a field is never guessed.
    needs: str | None = None


def field(name: str, read: Rule, titles: str = "", *, suffixes: tuple[str, ...] = (), needs: str | None = None) -> Field:
    """A field whose titles are written one after the other, with bars between."""
    return Field(name, read, tuple(filter(None, titles.split("|"))), suffixes, needs)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: its place, its title and the field that it fills, if any.

    `argument` is what follows the field's name after a colon: a WeChat application's id, a currency.
    """

    index: int
    title: str
    field: Field | None
    argument: str | None = None

    @property
    def target(self) -> str | None:
        """The field with its argument, as a caller writes it."""
        if self.field is None:
            return None
        return f"{self.field.name}{self.argument or ''}"

    @property
    def key(self) -> str | None:
        """What the column's values are kept under: each field once, application ids apart."""
        return self.field.name if self.field is not None and self.field.suffixes else self.target


@dataclass(frozen=True, slots=True)
class Columns:
    """How a whole file maps."""

    known: tuple[Column, ...]
    #: Titles that fill nothing, in the file's order: shown to whoever imports.
    unknown: tuple[str, ...]
    #: Where our own reasons stand, in a file of rejected rows that comes back.
    reason: int | None = None

    def fills(self, name: str) -> bool:
        """Whether any column fills this field."""
        return any(column.field is not None and column.field.name == name for column in self.known)


def resolve(headers: Sequence[str], fields: Sequence[Field], mapping: Mapping[str, str]) -> Columns:
    """The columns of a file.

    `mapping` says title -> field and wins over the guess; an empty field leaves the column out. Field names are taken in
    the domain's spelling (`member_no`) and in the SDL's (`memberNo`). Of two
    columns that fill the same field by guess, the first does. Raises `UnknownColumns` when a title or a field
    does not exist, or when no column is known.
    """
    told = {_key(title): target for title, target in mapping.items()}
    missing = [title for title in mapping if _key(title) not in {_key(header) for header in headers}]
    if missing:
        raise UnknownColumns(f"The file has no column {missing[0]!r}; it has: {', '.join(headers)}.", path=("input", "mapping"))
    by_title = _by_title(fields)
    found: list[Column] = []
    unknown: list[str] = []
    taken = {column.key for column in _told(headers, fields, told)}
    for index, title in enumerate(headers):
        key = _key(title)
        if key in told:
            column = _column(index, title, told[key], fields)
        else:
            column = Column(index, title, *_guess(title, by_title))
            if column.key in taken:
                column = Column(index, title, None)
        if column.field is not None:
            taken.add(column.key)
            found.append(column)
        elif key not in told and title not in _OURS:
            unknown.append(title)
    if not found:
        raise UnknownColumns(f"No column is known: map them, for example 手机号=phone. The file has: {', '.join(headers[:20])}.")
    return Columns(tuple(found), tuple(unknown), headers.index(REASON_COLUMN) if REASON_COLUMN in headers else None)


def _told(headers: Sequence[str], fields: Sequence[Field], told: Mapping[str, str]) -> list[Column]:
    return [_column(index, title, told[_key(title)], fields) for index, title in enumerate(headers) if _key(title) in told]


def _column(index: int, title: str, target: str, fields: Sequence[Field]) -> Column:
    target = target.strip()
    if not target:
        return Column(index, title, None)
    head, separator, tail = target.partition(":")
    wanted = _snake(head)
    for known in fields:
        if known.name == wanted:
            if known.needs and not tail.strip():
                raise UnknownColumns(f"{target} needs {known.needs}: write {wanted}:….", path=("input", "mapping"))
            return Column(index, title, known, f"{separator}{tail.strip()}" if tail.strip() else None)
    names = ", ".join(known.name for known in fields)
    raise UnknownColumns(f"There is no field {target!r}; there are: {names}.", path=("input", "mapping"))


def _by_title(fields: Sequence[Field]) -> dict[str, tuple[Field, str | None]]:
    found: dict[str, tuple[Field, str | None]] = {}
    for known in fields:
        for title in () if known.needs else (known.name, *known.titles):
            found[_key(title)] = (known, None)
            found.update((_key(title + suffix), (known, f":{suffix}")) for suffix in known.suffixes)
    return found


def _guess(title: str, by_title: Mapping[str, tuple[Field, str | None]]) -> tuple[Field | None, str | None]:
    without_hint = _HINT.sub("", unicodedata.normalize("NFKC", title))
    return by_title.get(_key(title)) or by_title.get(_key(without_hint)) or (None, None)


def _key(title: str) -> str:
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", title).casefold())


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name.strip()).lower()
