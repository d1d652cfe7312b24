"""How large a rule may be."""

from __future__ import annotations

from typing import Final

#: Levels of nodes, the root among them.
DEPTH_MAX: Final = 10
CONDITIONS_MAX: Final = 100
#: In one list.
VALUES_MAX: Final = 200
#: Of one value or name.
TEXT_MAX: Final = 500
#: Of a rule as text.
EXPRESSION_MAX: Final = 50_000
#: Of brackets in brackets in a text, those that mean nothing among them.
BRACKETS_MAX: Final = 50
WINDOW_DAYS_MAX: Final = 3_650
ANNIVERSARY_DAYS_MAX: Final = 365
#: What whole numbers of scores and counts stay below.
COUNT_MAX: Final = 1_000_000
