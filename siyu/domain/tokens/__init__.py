"""Access tokens, and who a bearer secret stands for."""

from siyu.domain.tokens.commands import (
    REVOKED,
    AccessTokenCreateInput,
    AccessTokenRevokeInput,
    AccessTokenRotateInput,
    Issued,
    create,
    revoke,
    rotate,
)
from siyu.domain.tokens.gate import BELIEF, Caller, authenticate, listen, note_use, recall, standing
from siyu.domain.tokens.queries import maker, me
from siyu.domain.tokens.source import ACCESS_TOKEN

__all__ = [
    "ACCESS_TOKEN", "BELIEF", "REVOKED", "AccessTokenCreateInput", "AccessTokenRevokeInput", "AccessTokenRotateInput", "Caller", "Issued",
    "authenticate", "create", "listen", "maker", "me", "note_use", "recall", "revoke", "rotate", "standing",
]  # fmt: skip
