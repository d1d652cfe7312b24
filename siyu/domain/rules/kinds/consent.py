"""Conditions on consent."""

from __future__ import annotations

from siyu.domain.kernel.dialect import Kind
from siyu.domain.rules.forms import Draft, Form, Never, Some
from siyu.domain.rules.inputs import ConsentCondition
from siyu.domain.rules.kinds.shown import Shown, column


def form(condition: ConsentCondition, draft: Draft) -> Form:
    """Consent that holds: given to the notice as it is now, and not over. As `privacy.reach` has it."""
    purpose = draft.bind(condition.purpose, Kind.TEXT)
    version = f"(select p.version from purposes p where p.code = {purpose} and p.archived_at is null)"  # noqa: S608  # bound values only
    now = draft.bind(draft.at.now, Kind.DATETIME)
    holds = f"x.purpose = {purpose} and x.state = 'GRANTED' and x.purpose_version = {version}"
    granted = Some("consents", f"{holds} and (x.expires_at is null or x.expires_at > {now})", narrow=False)
    return granted if condition.granted else Never(granted)


def shown(condition: ConsentCondition, draft: Draft) -> Shown:
    """`GRANTED`, `WITHDRAWN`, `EXPIRED`, `OUTDATED` (said of an older notice) or `NEVER_ASKED`."""
    purpose, now = draft.bind(condition.purpose, Kind.TEXT), draft.bind(draft.at.now, Kind.DATETIME)
    version = f"(select p.version from purposes p where p.code = {purpose} and p.archived_at is null)"  # noqa: S608  # bound values only
    said = (
        f"select case when x.state <> 'GRANTED' then x.state when x.expires_at <= {now} then 'EXPIRED'"  # noqa: S608  # as above
        f" when x.purpose_version = {version} then 'GRANTED' else 'OUTDATED' end"
        f" from consents x where x.customer_id = t.id and x.purpose = {purpose}"
    )
    return column(f"coalesce(({said}), 'NEVER_ASKED')", Kind.TEXT, draft)
