"""Merging customers in the SDL."""

from __future__ import annotations

from uuid import UUID

import strawberry

from siyu.domain import customers, merges
from siyu.schema import planned, relay
from siyu.schema.context import Info
from siyu.schema.customers import Customer
from siyu.schema.errors import Payload, UserError, mutation, refused
from siyu.schema.taking import Input, takes


@takes
class CustomerMergeInput(Input[merges.CustomerMerge]):
    """Which two customers are one person, and whose values are shown."""


@takes
class CustomerUnmergeInput(Input[merges.CustomerUnmerge]):
    """Which merged customer becomes one of their own again."""


@strawberry.type(description="A field of a profile, and whose value it shows.")
class MergedField:
    field: str = strawberry.field(description="The field of `Customer`.")
    from_: strawberry.ID = strawberry.field(name="from", description="The customer whose value it is.")


@strawberry.type(description="Rows of one store that went from one customer to the other.")
class MovedRows:
    store: str = strawberry.field(description="The store: a table.")
    rows: int = strawberry.field(description="How many rows.")


@strawberry.type(description="What a merge or its undoing did; of a dry run, what it would do.")
class CustomerMergePayload(Payload):
    customer_id: strawberry.Private[UUID | None] = None
    customer: Customer | None = planned.written(customers.CUSTOMER, by="customer_id")
    fields: list[MergedField] = strawberry.field(
        default_factory=list,
        description="Of a merge: the fields that the profile has, and whose value each shows. "
        "Of its undoing: those of the kept profile that have their earlier value back.",
    )
    moved: list[MovedRows] = strawberry.field(default_factory=list, description="What changed hands; stores without any rows are left out.")
    blocking: list[UserError] = strawberry.field(
        default_factory=list, description="What stands in the way. Nothing was done where there is any."
    )

    @classmethod
    def of(cls, outcome: merges.Outcome) -> CustomerMergePayload:
        """From the domain's answer."""
        return cls(
            customer_id=outcome.customer_id,
            fields=[
                MergedField(field=each.field, from_=strawberry.ID(relay.encode("Customer", each.customer_id))) for each in outcome.fields
            ],
            moved=[MovedRows(store=store, rows=rows) for store, rows in outcome.moved.items()],
            blocking=refused(outcome.blocking),
            user_errors=refused(outcome.refused),
        )


@strawberry.type
class Mutation:
    @mutation
    async def customer_merge(self, info: Info, input: CustomerMergeInput) -> CustomerMergePayload:
        """Make two customers one; a dry run says what that would do and what blocks it. Scope `customers:merge`."""
        return CustomerMergePayload.of(await merges.merge(info.context.actor, input.to_domain()))

    @mutation
    async def customer_unmerge(self, info: Info, input: CustomerUnmergeInput) -> CustomerMergePayload:
        """Part two customers who were merged; what came after the merge stays with the kept one. Scope `customers:merge`."""
        return CustomerMergePayload.of(await merges.unmerge(info.context.actor, input.to_domain()))
