"""The schema: one module a noun, found here, merged into one `Query` and one `Mutation`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types import ExecutionContext

from siyu.schema.arguments import describe, tell_one_of
from siyu.schema.scalars import SCALARS


class Schema(strawberry.Schema):
    """Strawberry's, but silent: its own log lines would hold messages and so values; `errors.presented` logs."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        return None


def modules() -> list[ModuleType]:
    """Every module of this package, in the order of their names."""
    return [importlib.import_module(f"{__name__}.{found.name}") for found in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name)]


@cache
def build() -> Schema:
    """The schema of the staff and partner API, made once a process.

    A module takes part by having a class `Query` or `Mutation`, or a tuple `TYPES` of types that no field
    names but an interface stands for.
    """
    parts = modules()
    built = Schema(
        query=_merged("Query", parts, "What can be read. What a caller may not see is null and listed in `extensions.privacy.denied`."),
        mutation=_merged("Mutation", parts, "What can be done. An expected no is in the payload's `userErrors`."),
        types=[found for part in parts for found in getattr(part, "TYPES", ())],
        config=StrawberryConfig(scalar_map=SCALARS, default_resolver=_value),
    )
    describe(built._schema)
    tell_one_of(built._schema)
    return built


def _merged(name: str, parts: list[ModuleType], description: str) -> type:
    merged = merge_types(name, _classes(parts, name))
    merged.__strawberry_definition__.description = description  # type: ignore[attr-defined]  # Strawberry's own mark
    return merged


def _classes(parts: list[ModuleType], name: str) -> tuple[type, ...]:
    return tuple(found for part in parts if isinstance(found := getattr(part, name, None), type) and found.__module__ == part.__name__)


def _value(root: object, name: str) -> object:
    """Rows that were read are dicts by the domain's names; payloads are objects."""
    return root[name] if isinstance(root, dict) else getattr(root, name)
