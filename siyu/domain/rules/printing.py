"""A rule as text, in its one spelling. Pure.

What is printed of a rule that was checked reads back as the same rule, and prints the same again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.domain.kernel import boot
from siyu.domain.kernel.inputs import IntRange
from siyu.domain.kernel.touching import Change
from siyu.domain.rules.inputs import (
    AnniversaryCondition,
    AttributeCondition,
    Comparison,
    ConsentCondition,
    EventCondition,
    LifecycleCondition,
    OrderCondition,
    PointsCondition,
    PointsMetric,
    ProfileCondition,
    PropertyCondition,
    RfmCondition,
    Rule,
    SegmentCondition,
    TagCondition,
    Window,
)
from siyu.domain.rules.tree import given, loaded, plain, retagged, settled, stored
from siyu.domain.rules.values import DAY, MOMENT, midnight

NO_CODES: Final[Mapping[UUID, str]] = MappingProxyType({})
_OPERATORS: Final = {
    Comparison.EQ: "=",
    Comparison.NEQ: "!=",
    Comparison.GT: ">",
    Comparison.GTE: ">=",
    Comparison.LT: "<",
    Comparison.LTE: "<=",
}
#: A code that could be taken for an id.
_ID: Final = re.compile(r"[0-9a-f-]{32,36}", re.IGNORECASE)
_BRANCHES: Final = {"all": "all of these", "any": "at least one of these", "not_": "not this"}


def condition_text(rule: Rule, codes: Mapping[UUID, str] = NO_CODES) -> str:
    """One node on one line: a condition as the text spells it; of a branch "all of these", "at least one of these" or "not this".

    Segments are spelled by the codes that are given (`codes(actor, rule)`), others by their ids.
    """
    return _BRANCHES.get(given(rule)[0]) or printed(rule, codes, ZoneInfo(boot.current().settings.timezone))


def renamed(
    tree: Mapping[str, object], change: Change, old: str, new: str, codes: Mapping[UUID, str] = NO_CODES
) -> tuple[dict[str, object], str]:
    """A stored tree, and the text of it, with a tag renamed. The text spells segments by the codes that are given (`codes(actor, rule)`),
    others by their ids."""
    rule = loaded(tree)
    if change is Change.TAG:
        rule = retagged(rule, {old: new})
    return stored(rule), printed(rule, codes, ZoneInfo(boot.current().settings.timezone))


def printed(rule: Rule, codes: Mapping[UUID, str], zone: ZoneInfo) -> str:
    """The whole rule on one line. Segments without a code are spelled by their ids; moments are in `zone`, a midnight there as its day."""
    return _Printer(codes, zone).node(settled(rule))


@dataclass(frozen=True, slots=True)
class _Printer:
    codes: Mapping[UUID, str]
    zone: ZoneInfo

    def node(self, rule: Rule, *, within: bool = False) -> str:
        """A node; `within` another one, a branch that joins several stands in brackets."""
        for word, name, nodes in (("and", "all", rule.all), ("or", "any", rule.any)):
            if nodes is not None and len(nodes) == 1:
                return f"{name} ({self.node(nodes[0])})"
            if nodes is not None:
                joined = f" {word} ".join(self.node(each, within=True) for each in nodes)
                return f"({joined})" if within else joined
        if rule.not_ is not None:
            return f"not {self.node(rule.not_, within=True)}"
        name = given(rule)[0]
        print_: Callable[[object], str] = getattr(self, f"_{name}")
        return print_(getattr(rule, name))

    def _profile(self, said: ProfileCondition) -> str:
        return f"profile.{said.field.lower()} {_compared(said.is_, said.values)}"

    def _attribute(self, said: AttributeCondition) -> str:
        return f"attribute({_quoted(said.key)}) {_compared(said.is_, said.values)}"

    def _tag(self, said: TagCondition) -> str:
        return _joined("tag", {"any": _texts(said.any), "all": _texts(said.all), "none": _texts(said.none)})

    def _segment(self, said: SegmentCondition) -> str:
        return _joined("segment", {"in": self._codes(said.in_), "not in": self._codes(said.not_in)})

    def _codes(self, ids: list[UUID] | None) -> str:
        return _texts([self._code(each) for each in ids] if ids else None)

    def _code(self, segment: UUID) -> str:
        code = self.codes.get(segment, "")
        return code if code and not _ID.fullmatch(code) else str(segment)

    def _lifecycle(self, said: LifecycleCondition) -> str:
        return _joined("lifecycle", {"stage": _words(said.stages), "activity": _words(said.activity)})

    def _rfm(self, said: RfmCondition) -> str:
        ranges = {"recency": said.recency, "frequency": said.frequency, "monetary": said.monetary}
        return _joined("rfm", {"group": _texts(said.groups), **{name: _ranged(span) for name, span in ranges.items()}})

    def _event(self, said: EventCondition) -> str:
        where = f"where {' and '.join(map(_property, said.where))}" if said.where else ""
        inside = ", ".join(filter(None, (_quoted(said.name), self._window(said.window), where)))
        return f"events({inside}) {_counted(said.count)}"

    def _order(self, said: OrderCondition) -> str:
        narrowed = {"category": said.categories, "brand": said.brands, "sku": said.skus, "channel": said.channels}
        inside = ", ".join(
            filter(None, (self._window(said.window), *(f"{name} in {_texts(each)}" for name, each in narrowed.items() if each)))
        )
        return f"orders.{said.metric.lower()}{f'({inside})' if inside else ''} {_compared(said.is_, said.values)}"

    def _points(self, said: PointsCondition) -> str:
        inside = self._window(said.window)
        if said.metric is PointsMetric.EXPIRING and said.window is not None and said.window.last_days is not None:
            inside = f"within {_days(said.window.last_days)}"
        return f"points.{said.metric.lower()}{f'({inside})' if inside else ''} {_compared(said.is_, said.values)}"

    def _consent(self, said: ConsentCondition) -> str:
        return f"{'' if said.granted else 'no '}consent({_quoted(said.purpose)})"

    def _anniversary(self, said: AnniversaryCondition) -> str:
        return f"anniversary({said.of.lower()}) within {_days(said.within_days)}"

    def _window(self, window: Window | None) -> str:
        if window is None:
            return ""
        if window.last_days is not None:
            return f"last {_days(window.last_days)}"
        return " ".join(
            f"{word} {self._moment(each)}" for word, each in (("from", window.from_), ("before", window.before)) if each is not None
        )

    def _moment(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        if midnight(local.date(), self.zone) == moment:
            return local.date().isoformat()
        offset = local.utcoffset()
        assert offset is not None, "moments are aware"
        return local.isoformat() if offset.total_seconds() % 60 == 0 else moment.astimezone(UTC).isoformat()


def _joined(word: str, parts: Mapping[str, str]) -> str:
    return " ".join([word, *(f"{name} {said}" for name, said in parts.items() if said)])


def _compared(comparison: Comparison, values: Iterable[object] | None) -> str:
    told = [_value(each) for each in values or ()]
    match comparison:
        case Comparison.IS_SET | Comparison.IS_NOT_SET:
            return comparison.lower().replace("_", " ")
        case Comparison.BETWEEN:
            return f"between {told[0]} and {told[1]}"
        case Comparison.IN | Comparison.NOT_IN:
            return f"{comparison.lower().replace('_', ' ')} ({', '.join(told)})"
        case _:
            return f"{_OPERATORS[comparison]} {told[0]}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, str):
        return value if DAY.fullmatch(value) or MOMENT.fullmatch(value) else _quoted(value)
    return repr(value)


def _property(said: PropertyCondition) -> str:
    key = said.key if said.key.isidentifier() and said.key.isascii() else _quoted(said.key)
    return f"{key} {_compared(said.is_, said.values)}"


def _counted(count: IntRange) -> str:
    if count.min == count.max:
        return f"= {count.min}"
    if count.min is None or count.max is None:
        return f"<= {count.max}" if count.min is None else f">= {count.min}"
    return f"between {count.min} and {count.max}"


def _ranged(span: IntRange | None) -> str:
    return f"{'' if span.min is None else span.min}..{'' if span.max is None else span.max}" if span else ""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _texts(texts: Iterable[str] | None) -> str:
    return f"({', '.join(map(_quoted, texts))})" if texts else ""


def _words(words: Iterable[str] | None) -> str:
    return f"({', '.join(word.lower() for word in words)})" if words else ""


def _days(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"
