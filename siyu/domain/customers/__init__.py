"""Customers: who they are, by what they are known, and what can be read of them."""

from siyu.domain.customers.batch import PersonGiven, write_batch
from siyu.domain.customers.commands import create, identity_add, identity_remove, update, upsert
from siyu.domain.customers.inputs import (
    AddressGiven,
    CustomerCreate,
    CustomerFilter,
    CustomerSort,
    CustomerUpdate,
    CustomerUpsert,
    DateTimeRange,
    DecimalRange,
    IdentityAdd,
    IdentityGiven,
    IdentityRemove,
)
from siyu.domain.customers.ordering import OrderedGiven, ordered
from siyu.domain.customers.queries import find, require, resolve
from siyu.domain.customers.recognising import Recognised, Unknown, holders, recognise
from siyu.domain.customers.source import CUSTOMER, IDENTITY
from siyu.domain.customers.tables import Gender, IdentityKind

__all__ = [
    "CUSTOMER", "IDENTITY", "AddressGiven", "CustomerCreate", "CustomerFilter", "CustomerSort", "CustomerUpdate",
    "CustomerUpsert", "DateTimeRange", "DecimalRange", "Gender", "IdentityAdd", "IdentityGiven", "IdentityKind", "IdentityRemove",
    "OrderedGiven", "PersonGiven", "Recognised", "Unknown", "create", "find", "holders", "identity_add", "identity_remove", "ordered",
    "recognise", "require", "resolve", "update", "upsert", "write_batch",
]  # fmt: skip
