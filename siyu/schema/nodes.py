"""Fetching anything by its global id."""

from __future__ import annotations

import strawberry

from siyu.domain.kernel.paging import PAGE_MAX
from siyu.privacy.refusal import Code, Refusal
from siyu.schema import planned
from siyu.schema.context import Info
from siyu.schema.planned import NodesOf
from siyu.schema.relay import Node


@strawberry.type
class Query:
    @planned.query(Node | None)
    def node(self, info: Info, id: strawberry.ID) -> NodesOf:
        """Whatever has this id; null when there is nothing, or nothing that you may know of."""
        return NodesOf([id], single=True)

    @planned.query(list[Node | None])
    def nodes(self, info: Info, ids: list[strawberry.ID]) -> NodesOf:
        """Whatever has these ids, at most 250, in their order; null for what isn't there."""
        return NodesOf(_few(ids))


def _few(ids: list[strawberry.ID]) -> list[strawberry.ID]:
    if len(ids) > PAGE_MAX:
        raise Refusal(f"Ask for at most {PAGE_MAX} at once.", path=("ids",), code=Code.LIMIT_EXCEEDED)
    return ids
