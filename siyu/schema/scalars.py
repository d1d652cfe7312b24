"""Scalars: how times, dates, decimals and free JSON are written, and what is taken for them."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import strawberry
from graphql import GraphQLError, ValueNode, value_from_ast_untyped
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

__all__ = ["JSON", "SCALARS", "date_text", "datetime_text", "decimal_text"]

_DATETIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:?\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DECIMAL = re.compile(r"[+-]?\d{1,24}(\.\d{1,12})?")


def datetime_text(value: datetime) -> str:
    """ISO 8601 in UTC with a `Z`, microseconds only where there are some. `value` is aware."""
    if value.tzinfo is None:
        raise TypeError("a time without an offset can't be shown")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def date_text(value: date) -> str:
    """ISO 8601: 2026-01-31."""
    if isinstance(value, datetime):
        raise TypeError("a time is no date")
    return value.isoformat()


def decimal_text(value: Decimal | int) -> str:
    """Plain digits, never an exponent, no trailing zeros lost or added."""
    return format(Decimal(value), "f")


def _parse_datetime(value: object) -> datetime:
    if isinstance(value, str) and _DATETIME.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise GraphQLError("Expected a time in ISO 8601 with an offset, such as 2026-01-31T09:30:00+08:00.")


def _parse_date(value: object) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise GraphQLError("Expected a date in ISO 8601, such as 2026-01-31.")


def _parse_decimal(value: object) -> Decimal:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value, 0, 40):
        return Decimal(value)
    raise GraphQLError('Expected a decimal as a string, such as "12.50", or an integer.')


def _same(value: object) -> object:
    return value


def _json_literal(node: ValueNode, variables: dict[str, object] | None = None) -> object:
    """A value that is written in the document; numbers that no float holds are refused, as in variables."""
    value: object = value_from_ast_untyped(node, variables)
    if not _finite(value):
        raise GraphQLError("Expected JSON: this number is too large.", node)
    return value


def _finite(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    return all(map(_finite, value)) if isinstance(value, list) else not isinstance(value, float) or math.isfinite(value)


#: For `StrawberryConfig.scalar_map`: annotate with the Python type and the scalar follows.
SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment in ISO 8601. Answers are in UTC; input must say its offset.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=datetime_text,
        parse_value=_parse_datetime,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar date in ISO 8601, without a time zone.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date",
        serialize=date_text,
        parse_value=_parse_date,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="An exact decimal number, written as a string; input may be a string or an integer, never a float.",
        serialize=decimal_text,
        parse_value=_parse_decimal,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=_same,
        parse_value=_same,
        parse_literal=_json_literal,
    ),
}
