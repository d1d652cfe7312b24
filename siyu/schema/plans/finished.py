"""Planned reads inside an operation that the engine runs: a mutation's payload, a planned field beside one that isn't."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLObjectType, GraphQLResolveInfo
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


@dataclass(frozen=True, slots=True)
class Finished:
    """An object of the answer that is complete: the engine takes it as it is. `value` is None where there is nothing."""

    value: object


class Executor(StrawberryGraphQLCoreExecutionContext):
    """The engine, which leaves finished objects alone."""

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_details_list: list[FieldDetails],
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """The object's value; a finished one is its own."""
        if isinstance(result, Finished):
            return result.value
        return super().complete_object_value(return_type, field_details_list, info, path, result, position_context)
