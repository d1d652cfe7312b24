"""What can be read of access tokens."""

from __future__ import annotations

from siyu.domain.kernel.reading import One, Order, Source
from siyu.domain.tokens.tables import AccessToken
from siyu.privacy.actor import Scope

ACCESS_TOKEN = Source(
    "AccessToken",
    table=AccessToken,
    scope=Scope.TOKENS_READ,
    description="A token with which a partner's program calls the API. Its secret is shown once, when it is made.",
    columns=("name", "partner", "prefix", "last_four", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at"),
    internal=("created_by_id",),
    more=(One("created_by", "Staff", via="created_by_id", description="The member of staff who made it."),),
    orders=(Order("CREATED_AT_DESC", "created_at"),),
)
