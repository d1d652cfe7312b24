"""Pages in the shape of the Relay connection specification, with `nodes` and a lazy `totalCount` beside the edges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

import strawberry

from siyu.domain.kernel.reading import Page, Row
from siyu.schema.context import Info

T = TypeVar("T")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follows: ask again with `after: endCursor`.")
    has_previous_page: bool = strawberry.field(description="Whether something comes before: ask again with `before: startCursor`.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first edge; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last edge; null on an empty page.")


#: Where a row says by which response keys it was reached from its page, since each way may ask for other relations.
#: No slot of a relation is called so: a response key follows their sign.
AT = "@"


def _seen_at(row: Row, *keys: str | int) -> Row:
    return {**row, AT: tuple(str(key) for key in keys)}


def _edges(root: Page) -> list[Row]:
    return [{"node": row, "cursor": root.cursor(row)} for row in root.rows]


def _node(root: Row, info: Info) -> Row:
    edge = info.path.prev
    assert edge is not None, "an edge is always in a list"
    assert edge.prev is not None, "a list of edges has a field"
    return _seen_at(cast(Row, root["node"]), edge.prev.key, info.path.key)


def _nodes(root: Page, info: Info) -> list[Row]:
    return [_seen_at(row, info.path.key) for row in root.rows]


def _page_info(root: Page) -> Row:
    return {
        "has_next_page": root.has_next,
        "has_previous_page": root.has_previous,
        "start_cursor": root.cursor(root.rows[0]) if root.rows else None,
        "end_cursor": root.cursor(root.rows[-1]) if root.rows else None,
    }


def _total(root: Page) -> int | None:
    return root.total


def _from(resolver: Callable[..., object], description: str) -> Any:  # as Strawberry's own `field`: whatever is annotated
    return strawberry.field(resolver=resolver, description=description)


@strawberry.type(description="One row of a page, with its cursor.")
class Edge(Generic[T]):
    node: T = _from(_node, "The row.")
    cursor: str = strawberry.field(description="Its place in the list, for `after` and `before`.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = _from(_edges, "The rows of the page, each with its cursor.")
    nodes: list[T] = _from(_nodes, "The rows of the page without cursors.")
    page_info: PageInfo = _from(_page_info, "Where the page lies.")
    total_count: int = _from(_total, "All rows that the filter leaves. Counted only when asked; it costs a statement.")


@strawberry.type(name="Connection", description="A page of a list that is never counted.")
class Uncounted(Generic[T]):
    edges: list[Edge[T]] = _from(_edges, "The rows of the page, each with its cursor.")
    nodes: list[T] = _from(_nodes, "The rows of the page without cursors.")
    page_info: PageInfo = _from(_page_info, "Where the page lies.")
