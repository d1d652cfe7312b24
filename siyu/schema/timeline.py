"""The timeline of a customer in the SDL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from siyu.domain.kernel import ids
from siyu.domain.kernel.reading import MOMENTS, Moment, Row, TimelineKind
from siyu.privacy.refusal import Refusal
from siyu.schema.binding import node_type
from siyu.schema.connections import AT
from siyu.schema.context import Info
from siyu.schema.relay import Node
from siyu.schema.scalars import decimal_text

strawberry.enum(TimelineKind, description="What kind of thing happened. A kind that is not built yet has no items.")


def _moment(item: Row) -> Moment:
    return MOMENTS[cast(TimelineKind, item["kind"])]


def _source_row(item: Row) -> Row:
    return cast(Row, item["row"])


def _id(root: Row) -> strawberry.ID:
    return strawberry.ID(ids.spelled(f"TimelineItem:{root['kind']}", cast(UUID, root["id"])))


def _kind(root: Row) -> TimelineKind:
    return cast(TimelineKind, root["kind"])


def _title(root: Row) -> object:
    moment, row = _moment(root), _source_row(root)
    if not callable(moment.title):
        return moment.title
    values = [row[name] for name in moment.titled_by]
    refusal = next((each for each in values if isinstance(each, Refusal)), None)
    return refusal or moment.title(*values)


def _occurred_at(root: Row) -> object:
    return _source_row(root)[_moment(root).at]


def _properties(root: Row, info: Info) -> JSON:
    moment, row = _moment(root), _source_row(root)
    values = {name: row[moment.properties[name]] for name in moment.shown(info.context.actor)}
    return cast(JSON, {name: _json(value) for name, value in values.items() if not isinstance(value, Refusal)})


def _json(value: object) -> object:
    return decimal_text(value) if isinstance(value, Decimal) else value


def _subject(root: Row, info: Info) -> Row | None:
    source = _moment(root).source
    if node_type(info._raw_info.schema, source) is None:
        return None
    at = (*cast(tuple[str, ...], root[AT]), str(info.path.key))
    return {**_source_row(root), "__typename": source.name, AT: at}


def _from(resolver: Callable[..., object], description: str) -> Any:  # as Strawberry's own `field`: whatever is annotated
    return strawberry.field(resolver=resolver, description=description)


@strawberry.type(description="Something that happened to a person.")
class TimelineItem:
    id: strawberry.ID = _from(_id, "The same in every answer, opaque. `node` doesn't fetch it; it fetches the `subject`.")
    kind: TimelineKind = _from(_kind, "What kind of thing happened.")
    title: str = _from(_title, "What happened, in plain words; it holds no personal value.")
    occurred_at: datetime = _from(_occurred_at, "When it happened.")
    properties: JSON | None = _from(_properties, "What a glance needs; what the caller may not see is left out, and denied.")
    subject: Node | None = _from(_subject, "What it is about: the order, the note, the event. Null where that can't be fetched by id.")
