"""Rules as text: what is written is what is meant, both ways, and what can't be read is said with its place."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.domain.kernel import ids
from siyu.domain.rules import Rule, loaded, stored
from siyu.domain.rules.building import built, segment_names
from siyu.domain.rules.printing import NO_CODES, printed
from siyu.domain.rules.shape import faults
from siyu.domain.rules.text import Misread, Place, parsed
from siyu.domain.rules.tree import nodes
from tests.domain.rules.anyrule import RULES

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: With days that have 23 and 25 hours.
BERLIN = ZoneInfo("Europe/Berlin")
VIP = UUID("01890000-0000-7000-8000-000000000001")
CODES = {VIP: "vip"}


def read(text: str, zone: ZoneInfo = SHANGHAI) -> Rule:
    """The rule of a text whose segments are given by their ids, or are `vip`."""
    syntax = parsed(text)
    return built(syntax, {name: VIP if name == "vip" else UUID(name) for name in segment_names(syntax)}, zone)[0]


def spelled(text: str) -> str:
    """A text in its one spelling."""
    return printed(read(text), CODES, SHANGHAI)


@settings(max_examples=150, deadline=None)
@given(RULES)
def test_a_tree_comes_back_from_its_text_and_from_its_json(rule: Rule) -> None:
    text = printed(rule, NO_CODES, BERLIN)
    again = read(text, BERLIN)
    assert stored(again) == stored(rule)
    assert printed(again, NO_CODES, BERLIN) == text
    assert stored(loaded(orjson.loads(orjson.dumps(stored(rule))))) == stored(rule)
    assert "\n" not in text


@settings(max_examples=30, deadline=None)
@given(RULES)
def test_every_node_of_a_text_knows_its_place(rule: Rule) -> None:
    text = printed(rule, NO_CODES, BERLIN)
    again, places = built(parsed(text), {name: UUID(name) for name in segment_names(parsed(text))}, BERLIN)
    for path, node in nodes(again):
        place = places[path]
        assert place.line == 1
        assert printed(node, NO_CODES, BERLIN)[:3] in (text[place.column - 1 :][:3], f"({text[place.column - 1 :]}"[:3])


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ('orders.total(last 90 days) >= 500 and tag any ("VIP", "老客户") and not consent("marketing")', None),
        ('Orders.Total ( last 90 DAYS )≥500.00\nAND tag ANY（“VIP”，\'老"客户\'）',
         'orders.total(last 90 days) >= 500 and tag any ("VIP", "老\\"客户")'),
        ("order.count = 0 or (order.count = 1)", "orders.count = 0 or orders.count = 1"),
        ('(no consent("a") and no consent("b")) and no consent("c")', None),
        ('no consent("a") and no consent("b") or no consent("c")', '(no consent("a") and no consent("b")) or no consent("c")'),
        ('((no consent("a")))', 'no consent("a")'),
        ('all (no consent("a"), any (no consent("b")))', 'no consent("a") and any (no consent("b"))'),
        ("not not orders.count > 1", None),
        ('segment in ("vip") not in ("01890000-0000-7000-8000-000000000001")', 'segment in ("vip") not in ("vip")'),
        ('tag none ("x") any ("y")', 'tag any ("y") none ("x")'),
        ("lifecycle activity (SILENT) stage (New, loyal)", "lifecycle stage (new, loyal) activity (silent)"),
        ('rfm recency 4..5 monetary ..2 frequency 3.. group ("Champions")',
         'rfm group ("Champions") recency 4..5 frequency 3.. monetary ..2'),
        ('events("buy", where price >= 9.50 and "a b" is set, last 1 days) > 2',
         'events("buy", last 1 day, where price >= 9.5 and "a b" is set) >= 3'),
        ('event("buy") < 1', 'events("buy") <= 0'),
        ("orders.average(from 2026-01-01 before 2026-02-01T09:30:00Z, sku in ('a')) between 1 and 2",
         'orders.average(from 2026-01-01 before 2026-02-01T17:30:00+08:00, sku in ("a")) between 1 and 2'),
        ("Point.Balance >= 100.0 and points.lifetime(last 30 day)>0", "points.balance >= 100 and points.lifetime(last 30 days) > 0"),
        ('points.expiring(within 1 days) > 0 and points.expiring(before 2026-02-01) = 0 and points.tier in ("gold", "black")',
         'points.expiring(within 1 day) > 0 and points.expiring(before 2026-02-01) = 0 and points.tier in ("gold", "black")'),
        ('points.tier >= "gold" or points.tier is not set', None),
        ("anniversary(birthday) within 1 day", None),
        ('profile.created_at >= 2026-01-31 and profile.city not in ("a") and attribute("vip") = true', None),
    ],
)  # fmt: skip
def test_there_is_one_spelling(written: str, canonical: str | None) -> None:
    assert spelled(written) == (canonical or written)
    assert spelled(spelled(written)) == spelled(written)


CONDITION = "a condition such as orders.total, tag any or profile.city"


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, f"The rule ends too early, expected {CONDITION}."),
        ("orders.count > 1 and\n\n  ordrs.total > 3", 3, 3, f'Found "ordrs", expected {CONDITION}. Did you mean "orders"?'),
        ("orders.count > 1 andd", 1, 18, 'Found "andd", expected "and", "or" or the end. Did you mean "and"?'),
        ("orders.totl > 3", 1, 8,
         'What is reckoned of orders is one of count, total, average, days_since_last, days_since_first. Did you mean "total"?'),
        ("orders.count(last 90) > 3", 1, 21, 'Found ")", expected "days".'),
        ("orders.count > 3 %", 1, 18, 'Found "%", expected "and", "or" or the end.'),
        ('tag any ("a" "b")', 1, 14, 'Found a text in quotes, expected ")" or a comma.'),
        ('tag any ("a', 1, 10, "The text that begins here has no closing quote."),
        ('tag any ("a") any ("b")', 1, 15, "This is said twice."),
        ("orders.count(last 3 days, from 2026-01-01) > 1", 1, 27, "A window is the last days, or from a moment to another; not both."),
        ("tag any (VIP)", 1, 10, "Expected a text in quotes."),
        ('profile.city = VIP', 1, 16, "Put texts in quotes; only true and false stand without."),
        ("13800001111", 1, 1, f"Found a number, expected {CONDITION}."),
        ("orders.count(where a = 1) = 1", 1, 14, "Expected a window, or one of category, brand, sku and channel."),
        ("points.lifetime(within 3 days) > 1", 1, 17, "Expected a window."),
        ("points.expiring(last 3 days) > 1", 1, 17, 'Expected a window, such as "within 30 days".'),
        ("points.total > 1", 1, 8, "What is known of points is one of balance, lifetime, expiring, tier."),
        ('events("a") != 1', 1, 13, "Say how many there are with =, >, >=, <, <= or between."),
        ("orders.count(from 2026-02-30) = 1", 1, 19, "There is no such day or time."),
        ("lifecycle stage (vip)", 1, 18, "A stage is one of prospect, new, returning, loyal."),
        ("(" * 50, 1, 51, f"The rule ends too early, expected {CONDITION}."),
        ("(" * 20_000, 1, 51, "Brackets nest at most 50 deep."),
        ("not " * 12_000 + "orders.count = 1", 1, 41, "A rule has at most 10 levels."),
        ('tag any ("\\q")', 1, 10, 'This text has a "\\" before something that needs none.'),
        ("orders.count = " + "9" * 41, 1, 16, "This number is too long."),
        (" " * 50_001, 1, 1, "A rule has at most 50,000 characters."),
    ],
)  # fmt: skip
def test_a_fault_says_where_it_is_what_was_found_and_what_was_expected(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(Misread) as refused:
        read(text)
    assert (refused.value.message, refused.value.place) == (message, Place(line, column))


_WORDS = """
    and or not all any none in is set no between last days from before where within .. ( ) , . = >= tag segment lifecycle stage activity rfm
    group recency events orders consent anniversary profile.city orders.total attribute("a") "x" “y” 'z' "b 3 -4 4.5 1e999 2026-01-31
    2026-13-01T25:00Z true new birthday \\ 老
"""


def misread(text: str) -> Misread | None:
    """What is said of a text that is no rule; None when it is one."""
    try:
        rule = read(text)
    except Misread as said:
        return said
    assert [*faults(rule)] or spelled(printed(rule, CODES, SHANGHAI))
    return None


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(_WORDS.split()) | st.text(max_size=2), max_size=12).map(" ".join))
def test_whatever_is_written_is_a_rule_or_is_said_to_be_none(text: str) -> None:
    said = misread(text.replace('"x"', f'"{VIP}"'))
    if said is not None:
        assert said.message.endswith((".", "?"))
        assert 1 <= said.place.line <= text.count("\n") + 1
        assert said.place.column >= 1


def test_ids_are_global_in_the_tree() -> None:
    assert stored(read('segment in ("vip")')) == {"segment": {"in": [ids.spelled("Segment", VIP)]}}
