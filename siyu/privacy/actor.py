"""Who acts: a member of staff, a partner's access token, or one of our own jobs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from siyu.privacy.refusal import Forbidden


class Scope(StrEnum):
    """What a caller may do or see. A new scope is one reviewed line here, and one in the roles that get it."""

    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    CUSTOMERS_IMPORT = "customers:import"
    CUSTOMER_NAME_READ = "customer.name:read"
    CUSTOMER_PHONE_READ = "customer.phone:read"
    CUSTOMER_EMAIL_READ = "customer.email:read"
    CUSTOMER_ADDRESS_READ = "customer.address:read"
    CUSTOMER_BIRTHDAY_READ = "customer.birthday:read"
    CUSTOMER_IDENTITY_READ = "customer.identity:read"
    CUSTOMER_DEMOGRAPHICS_READ = "customer.demographics:read"
    CUSTOMER_LOCATION_READ = "customer.location:read"
    CUSTOMER_ATTRIBUTES_READ = "customer.attributes:read"
    NOTES_READ = "notes:read"
    NOTES_WRITE = "notes:write"
    ATTRIBUTES_DEFINE = "attributes:define"
    ORDERS_READ = "orders:read"
    ORDERS_IMPORT = "orders:import"
    ORDERS_WRITE = "orders:write"
    PRODUCTS_READ = "products:read"
    PRODUCTS_WRITE = "products:write"
    EVENTS_READ = "events:read"
    EVENTS_TRACK = "events:track"
    EVENTS_DEFINE = "events:define"
    TAGS_READ = "tags:read"
    TAGS_WRITE = "tags:write"
    TAGS_ASSIGN = "tags:assign"
    SEGMENTS_READ = "segments:read"
    SEGMENTS_WRITE = "segments:write"
    POINTS_READ = "points:read"
    POINTS_WRITE = "points:write"
    POINTS_AWARD = "points:award"
    POINTS_REDEEM = "points:redeem"
    REWARDS_READ = "rewards:read"
    REWARDS_WRITE = "rewards:write"
    COUPONS_READ = "coupons:read"
    COUPONS_ISSUE = "coupons:issue"
    COUPONS_REDEEM = "coupons:redeem"
    CUSTOMERS_MERGE = "customers:merge"
    CUSTOMERS_EXPORT = "customers:export"
    DATA_QUALITY_READ = "data_quality:read"
    DATA_QUALITY_WRITE = "data_quality:write"
    DATA_REQUESTS_READ = "data_requests:read"
    DATA_REQUESTS_WRITE = "data_requests:write"
    DATA_REQUESTS_RUN = "data_requests:run"
    CONSENT_READ = "consent:read"
    CONSENT_WRITE = "consent:write"
    STAFF_READ = "staff:read"
    STAFF_WRITE = "staff:write"
    TOKENS_READ = "tokens:read"
    TOKENS_WRITE = "tokens:write"
    KEYS_ROTATE = "keys:rotate"
    JOBS_RUN = "jobs:run"


class ActorKind(StrEnum):
    STAFF = "STAFF"
    TOKEN = "TOKEN"  # noqa: S105  # a kind of caller
    WORKER = "WORKER"


class Role(StrEnum):
    ADMIN = "ADMIN"
    MARKETER = "MARKETER"
    SERVICE = "SERVICE"
    ANALYST = "ANALYST"
    COMPLIANCE_OFFICER = "COMPLIANCE_OFFICER"


class Purpose:
    """Codes of the purposes that the house knows from the first day; an organisation may publish more."""

    SERVICE = "service"
    MARKETING = "marketing"
    ANALYTICS = "analytics"
    COMPLIANCE = "compliance"


_CUSTOMER_FIELDS = frozenset(scope for scope in Scope if scope.startswith("customer.")) | {Scope.NOTES_READ}
_WORKER_ONLY = frozenset({Scope.JOBS_RUN, Scope.DATA_REQUESTS_RUN, Scope.KEYS_ROTATE})

ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    Role.ADMIN: frozenset(Scope) - _WORKER_ONLY,
    Role.MARKETER: _CUSTOMER_FIELDS - {Scope.NOTES_READ, Scope.CUSTOMER_IDENTITY_READ}
    | {
        Scope.CUSTOMERS_READ,
        Scope.ORDERS_READ,
        Scope.PRODUCTS_READ,
        Scope.EVENTS_READ,
        Scope.TAGS_READ,
        Scope.TAGS_WRITE,
        Scope.TAGS_ASSIGN,
        Scope.SEGMENTS_READ,
        Scope.SEGMENTS_WRITE,
        Scope.POINTS_READ,
        Scope.REWARDS_READ,
        Scope.REWARDS_WRITE,
        Scope.COUPONS_READ,
        Scope.COUPONS_ISSUE,
        Scope.CONSENT_READ,
    },
    Role.SERVICE: _CUSTOMER_FIELDS
    | {
        Scope.CUSTOMERS_READ,
        Scope.CUSTOMERS_WRITE,
        Scope.CUSTOMERS_MERGE,
        Scope.NOTES_WRITE,
        Scope.ORDERS_READ,
        Scope.PRODUCTS_READ,
        Scope.EVENTS_READ,
        Scope.TAGS_READ,
        Scope.TAGS_ASSIGN,
        Scope.SEGMENTS_READ,
        Scope.POINTS_READ,
        Scope.POINTS_AWARD,
        Scope.POINTS_REDEEM,
        Scope.REWARDS_READ,
        Scope.COUPONS_READ,
        Scope.COUPONS_ISSUE,
        Scope.COUPONS_REDEEM,
        Scope.DATA_QUALITY_READ,
        Scope.CONSENT_READ,
        Scope.CONSENT_WRITE,
    },
    Role.ANALYST: frozenset(
        {
            Scope.CUSTOMERS_READ,
            Scope.CUSTOMER_DEMOGRAPHICS_READ,
            Scope.CUSTOMER_LOCATION_READ,
            Scope.ORDERS_READ,
            Scope.PRODUCTS_READ,
            Scope.EVENTS_READ,
            Scope.TAGS_READ,
            Scope.SEGMENTS_READ,
            Scope.POINTS_READ,
            Scope.REWARDS_READ,
            Scope.CONSENT_READ,
            Scope.DATA_QUALITY_READ,
        }
    ),
    Role.COMPLIANCE_OFFICER: _CUSTOMER_FIELDS
    | {
        Scope.CUSTOMERS_READ,
        Scope.ORDERS_READ,
        Scope.EVENTS_READ,
        Scope.TAGS_READ,
        Scope.SEGMENTS_READ,
        Scope.POINTS_READ,
        Scope.REWARDS_READ,
        Scope.COUPONS_READ,
        Scope.DATA_QUALITY_READ,
        Scope.CONSENT_READ,
        Scope.CONSENT_WRITE,
        Scope.DATA_REQUESTS_READ,
        Scope.DATA_REQUESTS_WRITE,
        Scope.STAFF_READ,
        Scope.TOKENS_READ,
    },
}

ROLE_PURPOSE: dict[Role, str] = {
    Role.ADMIN: Purpose.SERVICE,
    Role.MARKETER: Purpose.MARKETING,
    Role.SERVICE: Purpose.SERVICE,
    Role.ANALYST: Purpose.ANALYTICS,
    Role.COMPLIANCE_OFFICER: Purpose.COMPLIANCE,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever calls an operation: what they may do, and the one purpose for which they see people."""

    kind: ActorKind
    id: UUID | None
    name: str
    scopes: frozenset[Scope]
    purpose: str | None
    #: Correlates everything that one request or job did, in logs and in the audit trail.
    request: str = field(default="")

    @classmethod
    def worker(cls, name: str, *scopes: Scope, purpose: str | None = None, request: str = "") -> Actor:
        """One of our own jobs, with just the scopes it names."""
        return cls(ActorKind.WORKER, None, f"worker:{name}", frozenset(scopes), purpose, request)

    def may(self, scope: Scope | None) -> bool:
        """Whether `scope` is held; what asks for no scope is open to every actor."""
        return scope is None or scope in self.scopes

    def require(self, scopes: Iterable[Scope]) -> None:
        """Raise `Forbidden`, naming the scopes that are missing."""
        missing = sorted(scope for scope in scopes if scope not in self.scopes)
        if missing:
            raise Forbidden(f"This needs the scope {', '.join(missing)}.")
