"""Opening and finishing rows: one grant for all that was read, then sealed values, parts and derived ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, cast
from uuid import UUID

from siyu.domain.kernel.reading.ask import Ask, Denial, Path, Reason
from siyu.domain.kernel.reading.source import Column, Derived, Part
from siyu.privacy import consent
from siyu.privacy.actor import Actor
from siyu.privacy.consent import Grant
from siyu.privacy.refusal import Code, Forbidden, Refusal

Row = dict[str, object]

#: Where a row of a person who was read, but may not be seen, says why. Their personal values are null, or refusals.
REFUSED: Final = "@refused"


@dataclass(slots=True)
class Opening:
    """All rows of one read, with what was asked of them, before anything of a person has been opened."""

    actor: Actor
    parts: list[tuple[Ask, list[Row], Path]] = field(default_factory=list)

    def add(self, ask: Ask, rows: list[Row], path: Path) -> None:
        self.parts.append((ask, rows, path))

    def personal(self, ask: Ask) -> list[Column]:
        """The personal columns that were asked of one noun and may be seen."""
        if ask.source.subject is None:
            return []
        columns = (ask.source.columns[name] for name in ask.columns)
        return [column for column in columns if column.about is not None and self.actor.may(column.scope)]


async def finish(opening: Opening) -> list[Denial]:
    """Open, null what is denied, build parts and derived values, in place; the denials."""
    denials: list[Denial] = []
    grant = await _grant(opening)
    for ask, rows, path in opening.parts:
        personal = opening.personal(ask)
        if personal and rows:
            assert grant is not None
            denials.extend(_open(ask, rows, path, personal, grant))
        _deny_unseen(opening.actor, ask, rows)
        _derive(ask, rows)
        _build_parts(ask, rows)
    return denials


async def _grant(opening: Opening) -> Grant | None:
    subjects: set[UUID] = set()
    asked: set[str] = set()
    sealed = False
    for ask, rows, _ in opening.parts:
        personal = opening.personal(ask)
        if personal and rows:
            assert ask.source.subject is not None
            subjects.update(cast(UUID, row[ask.source.subject]) for row in rows if row[ask.source.subject] is not None)
            sealed = sealed or any(column.sealed for column in personal)
            asked.update(f"{ask.source.name}.{column.name}" for column in personal)
    return await consent.grant(opening.actor, subjects, fields=sorted(asked), sealed=sealed) if subjects else None


def _open(ask: Ask, rows: list[Row], path: Path, personal: list[Column], grant: Grant) -> list[Denial]:
    subject_column = cast(str, ask.source.subject)
    openers = [(column.name, grant.opener(ask.source.table, column.stored, column.sealed)) for column in personal if column.sealed]
    refused: Counter[Reason] = Counter()
    for row in rows:
        subject = cast(UUID, row[subject_column])
        if subject in grant.subject_ids:
            for name, opener in openers:
                row[name] = opener(cast(UUID, row["id"]), subject, cast("bytes | None", row[name]))
            continue
        why = Reason(grant.refused[subject]) if subject in grant.refused else Reason.ERASED
        refused[why] += 1
        row[REFUSED] = why
        for column in personal:
            row[column.name] = None if column.nullable else Refusal("Your purpose doesn't reach this person.", code=Code.CONSENT_REQUIRED)
    paths = [(*path, *at) for column in personal for at in ask.columns[column.name]]
    return [Denial(at, reason, count=count) for reason, count in refused.items() for at in paths]


def _deny_unseen(actor: Actor, ask: Ask, rows: list[Row]) -> None:
    """What the statement left out because a scope is missing: null, or an error where null is not allowed."""
    for name in ask.columns:
        column = ask.source.columns[name]
        if not actor.may(column.scope):
            for row in rows:
                row[name] = None if column.nullable else Forbidden(f"This needs the scope {column.scope}.")


def _derive(ask: Ask, rows: list[Row]) -> None:
    for name in ask.derived:
        item = cast(Derived, ask.source.readable[name])
        for row in rows:
            row[name] = item.compute(*(row[need] for need in item.needs))


def _build_parts(ask: Ask, rows: list[Row]) -> None:
    for name, leaves in ask.parts.items():
        part = cast(Part, ask.source.readable[name])
        for row in rows:
            row[name] = _part(part, row, leaves, "")


def _part(part: Part, row: Row, leaves: set[str], prefix: str) -> Row | None:
    if part.null_with and row[part.null_with] is None:
        return None
    built: Row = {}
    for key, leaf in part.fields.items():
        at = prefix + key
        if isinstance(leaf, Part):
            if any(asked.startswith(at + ".") for asked in leaves):
                built[key] = _part(leaf, row, leaves, at + ".")
        elif at in leaves:
            built[key] = row[leaf]
    if part.lists:
        built.update((key, value) for key, value in row.items() if key.startswith("@"))  # what its relations brought
    return built
