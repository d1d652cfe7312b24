"""Staff in the SDL."""

from __future__ import annotations

from datetime import datetime

import strawberry

from siyu.domain import staff
from siyu.privacy.actor import Role
from siyu.schema.binding import reads
from siyu.schema.relay import Node

strawberry.enum(Role, description="What a member of staff may do, in short.")


@reads(staff.STAFF)
class Staff(Node):
    name: str
    email: str
    role: Role
    active: bool
    last_seen_at: datetime | None
    created_at: datetime
