"""What can be read of consent. The events themselves are written by the mechanism, `siyu.privacy.consent`."""

from __future__ import annotations

from siyu.domain.kernel.reading import Moment, Order, Source, TimelineKind
from siyu.privacy.actor import Scope
from siyu.privacy.tables import ConsentEvent, ConsentState

CONSENT_EVENT = Source(
    "ConsentEvent",
    table=ConsentEvent,
    scope=Scope.CONSENT_READ,
    description="Something that a person said about a purpose.",
    columns=("state", "channel", "occurred_at"),
    internal=("purpose", "purpose_version"),
    orders=(Order("OCCURRED_AT_DESC", "occurred_at"),),
)

Moment(
    TimelineKind.CONSENT,
    CONSENT_EVENT,
    at="occurred_at",
    title=lambda state: "Consent given" if state == ConsentState.GRANTED else "Consent withdrawn",
    titled_by=("state",),
    properties={"purpose": "purpose", "noticeVersion": "purpose_version", "state": "state", "channel": "channel"},
)
