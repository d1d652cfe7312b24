"""Global ids and the `Node` interface, after the Relay specification."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from uuid import UUID

import strawberry
from graphql import GraphQLAbstractType, GraphQLResolveInfo

from siyu.domain.kernel import ids
from siyu.privacy.refusal import Refusal
from siyu.schema.context import Context


def encode(noun: str, key: UUID) -> str:
    """The global id of a row: opaque to clients, and the same for ever."""
    return ids.spelled(noun, key)


def split(text: str) -> tuple[str, UUID] | None:
    """The noun and the key in a global id; None when it is none."""
    try:
        noun, _, key = base64.b64decode(text, validate=True).decode().partition(":")
        return noun, UUID(key)
    except (ValueError, binascii.Error):
        return None


def decode(noun: str, text: str, path: Sequence[str | int] = ()) -> UUID:
    """The key in a global id of this noun; anything else is refused at `path`."""
    found = split(text)
    if found is None or found[0] != noun:
        raise Refusal(f"This is no id of {_article(noun)}.", path=path)
    return found[1]


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIOU' else 'a'} {noun}"


@strawberry.interface(description="Whatever can be fetched again by its id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Global id: the same in every answer, opaque, never reused.")

    @classmethod
    def resolve_type(cls, row: object, _info: GraphQLResolveInfo[Context], _type: GraphQLAbstractType) -> str:
        """The type of a row that was read for `node`."""
        assert isinstance(row, dict)
        return str(row["__typename"])
