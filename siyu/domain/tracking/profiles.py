"""Writing what `identify` says into profiles: the newest by its moment wins, a bad trait is refused alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.domain import attributes, customers
from siyu.domain.customers import AddressGiven, CustomerUpdate, Standing
from siyu.domain.kernel import boot, clock, database
from siyu.domain.tracking import traits
from siyu.domain.tracking.tables import TraitTimes
from siyu.domain.tracking.traits import ATTRIBUTE, Said
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Refusal

_ADDRESS: Final = frozenset({"line1", "line2", "postal_code"})
#: Times that a profile is tried again without what was refused: identities can be refused after fields, attributes after those.
_TRIES_MAX: Final = 4
_ATTRIBUTE_MISSING: Final = "No attribute of this key is defined: the trait was left out."


@dataclass(frozen=True, slots=True)
class Identified:
    """One `identify` with traits, and whose it is. `position` is its place in the call."""

    position: int
    customer_id: UUID
    at: datetime
    traits: Mapping[str, object]


@dataclass(slots=True)
class Profiles:
    """How the profiles of a batch stood before anything of it was done, and what was refused, by place in the call."""

    standing: dict[UUID, Standing]
    refused: list[tuple[int, Refusal]] = field(default_factory=list)

    async def write(self, actor: Actor, said: Sequence[Identified]) -> None:
        """Write what is newest, one update a customer. The actor's scopes don't matter: the write key said what may be written."""
        writer = replace(actor, scopes=frozenset({Scope.CUSTOMERS_WRITE}))
        zone = ZoneInfo(boot.current().settings.timezone)
        people = sorted({each.customer_id for each in said})
        rows = {row.customer_id: row for row in await TraitTimes.filter(customer_id__in=people).select_for_update()}
        written: dict[UUID, TraitTimes] = {}
        for customer_id in people:
            row = rows.get(customer_id) or TraitTimes.fresh(customer_id=customer_id, said={}, left_at=clock.now())
            baseline = self._others(customer_id, row if customer_id in rows else None)
            chosen = self._newest(row.said, baseline, [each for each in said if each.customer_id == customer_id], zone)
            done = await self._update(writer, customer_id, chosen)
            if done:
                row.said = {**row.said, **{target: each.at.isoformat() for target, each in done.items()}}
                row.others_at = baseline
                written[customer_id] = row
        await _keep(actor, written)

    def _others(self, customer_id: UUID, row: TraitTimes | None) -> datetime | None:
        """When somebody else last changed the profile; None where nobody has, or where there was none."""
        before = self.standing.get(customer_id)
        if row is not None and (before is None or before.updated_at == row.left_at):
            return row.others_at
        return before.updated_at if before else None

    def _newest(
        self, times: Mapping[str, str], baseline: datetime | None, said: Sequence[Identified], zone: ZoneInfo
    ) -> dict[str, _Chosen]:
        """What is to be written, by target: the newest of the batch, unless something newer is there."""
        filled = self.standing[said[0].customer_id].filled if said[0].customer_id in self.standing else frozenset()
        chosen: dict[str, _Chosen] = {}
        for each in sorted(said, key=lambda each: each.at):
            found, refusals = traits.read(each.traits, zone)
            self.refused += [(each.position, refusal) for refusal in refusals]
            for one in found:
                known = times.get(one.target)
                stale = known is not None and each.at < datetime.fromisoformat(known)
                if baseline is not None and one.target in filled and each.at < baseline:
                    stale = True
                if not stale:
                    chosen[one.target] = _Chosen(each.position, each.at, one)
        return chosen

    async def _update(self, writer: Actor, customer_id: UUID, chosen: dict[str, _Chosen]) -> dict[str, _Chosen]:
        """Update one profile, again without what was refused; what was written."""
        left = dict(chosen)
        for _ in range(_TRIES_MAX):
            if not left:
                break
            wish, order = _wish(customer_id, left)
            try:
                async with database.transaction():
                    await customers.update(writer, wish, path=())
                return left
            except Refusal as refusal:
                for each in refusal.each():
                    target = _target(each.path, order)
                    for gone in [target] if target in left else list(left):
                        self.refused.append((left[gone].position, _told(each, left.pop(gone).said)))
        return {}


@dataclass(frozen=True, slots=True)
class _Chosen:
    position: int
    at: datetime
    said: Said


def _wish(customer_id: UUID, chosen: Mapping[str, _Chosen]) -> tuple[CustomerUpdate, list[str]]:
    """The update, and its attributes' targets in their order."""
    columns: dict[str, Any] = {}
    address: dict[str, Any] = {}
    order = [target for target in chosen if target.startswith(ATTRIBUTE)]
    for target, each in chosen.items():
        if target in _ADDRESS:
            address[target] = each.said.value
        elif target not in order:
            columns[target] = each.said.value
    if address:
        columns["address"] = AddressGiven(**address)
    if order:
        columns["attributes"] = [
            attributes.AttributeGiven(key=target.removeprefix(ATTRIBUTE), value=chosen[target].said.value) for target in order
        ]
    return CustomerUpdate(id=customer_id, **columns), order


def _target(path: Sequence[str], order: Sequence[str]) -> str:
    """Which target a refusal of the update is about; empty when it is none in particular."""
    match tuple(path):
        case ("attributes", number, *_) if number.isdecimal() and int(number) < len(order):
            return order[int(number)]
        case ("address", column, *_) | (column, *_):
            return column
    return ""


def _told(refusal: Refusal, said: Said) -> Refusal:
    missing = refusal.code is Code.NOT_FOUND and said.target.startswith(ATTRIBUTE)
    return Refusal(_ATTRIBUTE_MISSING if missing else refusal.message, path=("traits", *said.trait.split(".")), code=refusal.code)


async def _keep(actor: Actor, written: Mapping[UUID, TraitTimes]) -> None:
    """Remember when what was said, and how the profiles were left."""
    if not written:
        return
    left = await customers.standing(actor, written)
    for customer_id, row in written.items():
        row.left_at = left[customer_id].updated_at
    await TraitTimes.bulk_create(written.values(), update_fields=["said", "left_at", "others_at"], on_conflict=["customer_id"])
