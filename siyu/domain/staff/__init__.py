"""Staff: who works here, how they sign in, what their role allows."""

from siyu.domain.staff.commands import (
    Administrator,
    Invited,
    StaffInviteAcceptInput,
    StaffInviteInput,
    StaffUpdateInput,
    accept_invite,
    add,
    bootstrap_admin,
    invite,
    update,
)
from siyu.domain.staff.logins import (
    REVOKED,
    Session,
    SignedIn,
    StaffLoginInput,
    StaffRefreshInput,
    login,
    logout,
    refresh,
    session,
)
from siyu.domain.staff.queries import acting, anybody, known, me, seen, standing
from siyu.domain.staff.source import STAFF

__all__ = [
    "REVOKED", "STAFF", "Administrator", "Invited", "Session", "SignedIn", "StaffInviteAcceptInput", "StaffInviteInput",
    "StaffLoginInput", "StaffRefreshInput", "StaffUpdateInput", "accept_invite", "acting", "add", "anybody", "bootstrap_admin",
    "invite", "known", "login", "logout", "me", "refresh", "seen", "session", "standing", "update",
]  # fmt: skip
