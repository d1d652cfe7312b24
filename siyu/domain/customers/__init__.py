"""Customers: who they are, by what they are known, and what can be read of them."""

from siyu.domain.customers.adding import known_by
from siyu.domain.customers.arriving import arrivals, born_on
from siyu.domain.customers.batch import PersonGiven, write_batch
from siyu.domain.customers.birthdays import DAYS_OF_A_YEAR, birthday_tokens, index_birthdays
from siyu.domain.customers.commands import create, identity_add, identity_remove, update, upsert
from siyu.domain.customers.counting import COUNTED, Known, known
from siyu.domain.customers.deriving import Derived, derive
from siyu.domain.customers.holding import hold
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
from siyu.domain.customers.keying import keyed, keyholders, keys
from siyu.domain.customers.ordering import OrderedGiven, ordered, reckoned, reserve
from siyu.domain.customers.queries import find, require, resolve
from siyu.domain.customers.recognising import Key, Recognised, Unknown, holders, recognise
from siyu.domain.customers.referring import referral_code, referral_code_spelled, referrer
from siyu.domain.customers.rules import MERGED, Side, few_enough, sides
from siyu.domain.customers.source import CUSTOMER, IDENTITY
from siyu.domain.customers.staging import staged
from siyu.domain.customers.standing import Standing, standing
from siyu.domain.customers.tables import ActivityState, Gender, IdentityKind, LifecycleStage
from siyu.domain.customers.tagging import tagger
from siyu.domain.customers.uniting import Marks, Mergeable, group, mergeable, part, unite
from siyu.domain.customers.walking import Stop, changed, changed_count

__all__ = [
    "COUNTED", "CUSTOMER", "DAYS_OF_A_YEAR", "IDENTITY", "MERGED", "ActivityState", "AddressGiven", "CustomerCreate",
    "CustomerFilter", "CustomerSort", "CustomerUpdate", "CustomerUpsert", "DateTimeRange", "DecimalRange", "Derived", "Gender",
    "IdentityAdd", "IdentityGiven", "IdentityKind", "IdentityRemove", "Key", "Known", "LifecycleStage", "Marks", "Mergeable",
    "OrderedGiven", "PersonGiven", "Recognised", "Side", "Standing", "Stop", "Unknown", "arrivals",
    "birthday_tokens", "born_on", "changed", "changed_count", "create", "derive", "few_enough", "find", "group", "hold", "holders",
    "identity_add", "identity_remove", "index_birthdays", "keyed", "keyholders", "keys", "known", "known_by", "mergeable",
    "ordered", "part", "reckoned", "recognise", "referral_code", "referral_code_spelled", "referrer", "require", "reserve",
    "resolve", "sides", "staged", "standing", "tagger", "unite", "update", "upsert", "write_batch",
]  # fmt: skip
