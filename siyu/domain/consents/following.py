"""Whatever follows changes about people hears of what they say about purposes, and of restrictions."""

from __future__ import annotations

from uuid import UUID

from siyu.domain.kernel.operation import operation, touch
from siyu.domain.kernel.touching import Change
from siyu.privacy import consent
from siyu.privacy.actor import Actor
from siyu.privacy.dialect import Id


@consent.hears
@operation(writes=True)
async def said(actor: Actor, subject_id: Id, purpose: str | None) -> None:
    """Tell those who follow; without a purpose the person was restricted, or is no longer."""
    person = subject_id if isinstance(subject_id, UUID) else UUID(str(subject_id))
    if purpose is None:
        touch(Change.STANDING, [person], "restricted")
    else:
        touch(Change.CONSENT, [person], purpose)
