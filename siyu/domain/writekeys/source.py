"""What can be read of write keys."""

from __future__ import annotations

from siyu.domain.kernel.reading import One, Order, Source
from siyu.domain.writekeys.tables import WriteKey
from siyu.privacy.actor import Scope

WRITE_KEY = Source(
    "WriteKey",
    table=WriteKey,
    scope=Scope.TOKENS_READ,
    description="A key with which a site, an app or a server sends behaviour to the tracking API. It writes, and reads nothing.",
    columns=("name", "channel", "prefix", "last_four", "profiles", "created_at", "last_used_at", "revoked_at"),
    internal=("created_by_id",),
    more=(One("created_by", "Staff", via="created_by_id", description="The member of staff who made it; null for the command line."),),
    orders=(Order("CREATED_AT_DESC", "created_at"),),
)
