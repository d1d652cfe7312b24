"""One account's book, open: what each kind of entry does to balance and lots. Pure: rows in, lines to write out.

What holds before and after: the balance is what is left of the activated lots, less a deficit, and there is a deficit only while nothing
is left of them. So the deficit needs no column: it is the balance below zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from siyu.domain.kernel import ids
from siyu.domain.points.tables import NegativeBalancePolicy, PointsEntryKind
from siyu.privacy.refusal import Code, Refusal

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Lot:
    id: UUID
    points: int
    remaining: int
    available_at: datetime
    expires_at: datetime | None
    activated: bool
    entry_id: UUID | None = None
    fresh: bool = False

    @property
    def order(self) -> tuple[datetime, datetime, UUID]:
        """Debits take the least first: what expires first, then what is older."""
        return (self.expires_at or _NEVER, self.available_at, self.id)


@dataclass(frozen=True, slots=True)
class Note:
    """What a line says of itself, whatever it does."""

    source: str
    key: bytes | None = None
    digest: bytes | None = None
    reason: str | None = None
    about_id: UUID | None = None
    rule_id: UUID | None = None
    rule_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry to write."""

    id: UUID
    sequence: int
    kind: PointsEntryKind
    points: int
    change: int
    balance_after: int
    note: Note
    available_at: datetime
    expires_at: datetime | None = None
    lot_id: UUID | None = None
    reverses_id: UUID | None = None
    covers: int | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """Points that an entry took from a lot; below zero: gave back."""

    entry_id: UUID | None
    lot_id: UUID
    points: int


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit that is to be taken back: its lot, and how much of it is left to take back."""

    entry_id: UUID
    lot_id: UUID | None
    left: int
    earned: bool


@dataclass(slots=True)
class Book:
    """`lots` are those that anything is left of, and any others that a line may touch; for credits alone none are needed."""

    customer_id: UUID
    account_id: UUID
    balance: int
    pending: int
    lifetime_earned: int
    last_sequence: int
    at: datetime
    lots: dict[UUID, Lot] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    takes: list[Take] = field(default_factory=list)
    touched: dict[UUID, Lot] = field(default_factory=dict)

    @property
    def available(self) -> int:
        """What can be spent."""
        return max(0, self.balance)

    def credit(self, kind: PointsEntryKind, points: int, note: Note, *, available_at: datetime, expires_at: datetime | None) -> Line:
        """Points come: spendable at once, or pending until they are available."""
        entry_id = ids.uuid7()
        now = available_at <= self.at
        lot = Lot(ids.uuid7(), points, points, available_at, expires_at, now, entry_id, fresh=True)
        self._open(lot, entry_id)
        if not now:
            self.pending += points
        if kind is PointsEntryKind.EARN:
            self.lifetime_earned += points
        return self._line(
            entry_id, kind, points, points if now else 0, note, lot_id=lot.id, available_at=available_at, expires_at=expires_at
        )

    def receive(self, parts: Iterable[tuple[int, datetime, datetime | None]], note: Note) -> Line:
        """Points come from somebody else, each part (points, available since, expiry) as it was there."""
        entry_id, total = ids.uuid7(), 0
        for points, available_at, expires_at in parts:
            self._open(Lot(ids.uuid7(), points, points, available_at, expires_at, True, entry_id, fresh=True), entry_id, credited=total)
            total += points
        return self._line(entry_id, PointsEntryKind.TRANSFER_IN, total, total, note)

    def settle(self) -> None:
        """Activate and expire what is due: nothing is spent that should be gone, or refused that should be there."""
        for lot in sorted(self.lots.values(), key=lambda lot: lot.order):
            if not lot.activated and lot.remaining and lot.available_at <= self.at:
                self.activate(lot)
        for lot in sorted(self.lots.values(), key=lambda lot: lot.order):
            if lot.activated and lot.remaining and lot.expires_at is not None and lot.expires_at <= self.at:
                self.expire(lot)

    def activate(self, lot: Lot) -> None:
        """A pending lot's points can be spent from now on, but for what a deficit takes."""
        entry_id, points = ids.uuid7(), lot.remaining
        lot.activated = True
        self.pending -= points
        self._open(lot, entry_id)
        self._line(
            entry_id, PointsEntryKind.ACTIVATE, points, points, Note("activation"), lot_id=lot.id, available_at=lot.available_at,
            expires_at=lot.expires_at,
        )  # fmt: skip

    def expire(self, lot: Lot) -> None:
        """What is left of a lot goes; no other lot is touched."""
        entry_id, points = ids.uuid7(), lot.remaining
        self._take(entry_id, lot, points)
        self._line(entry_id, PointsEntryKind.EXPIRE, -points, -points, Note("expiry"), lot_id=lot.id, expires_at=lot.expires_at)

    def debit(self, kind: PointsEntryKind, points: int, note: Note) -> Line:
        """Points go. Refuses with INSUFFICIENT_POINTS where there are fewer."""
        if points > self.available:
            raise short(points - self.available)
        entry_id = ids.uuid7()
        self._draw(entry_id, points)
        return self._line(entry_id, kind, -points, -points, note)

    def deduct(self, points: int, note: Note, policy: NegativeBalancePolicy) -> Line:
        """An adjustment that takes away, by the policy where there are fewer."""
        entry_id, points = ids.uuid7(), self._by_policy(points, policy)
        self._draw(entry_id, min(points, self.available))
        return self._line(entry_id, PointsEntryKind.ADJUST, -points, -points, note)

    def claw_back(self, credit: Credit, points: int, note: Note, policy: NegativeBalancePolicy) -> Line:
        """Take a part of a credit back: from its own lot first, then from others; what is pending is not even begun."""
        entry_id, lot = ids.uuid7(), self.lots.get(credit.lot_id) if credit.lot_id else None
        covers = points
        if lot is not None and not lot.activated:
            self._take(entry_id, lot, points)
            self.pending -= points
            lot.activated = lot.remaining == 0  # an empty lot waits for nothing
            change = 0
        else:
            points = self._by_policy(points, policy)
            self._draw(entry_id, min(points, self.available), first=lot)
            change = -points
        if credit.earned:
            self.lifetime_earned -= points
        return self._line(
            entry_id, PointsEntryKind.REVERSE, -points, change, note, lot_id=credit.lot_id, reverses_id=credit.entry_id, covers=covers
        )

    def give_back(self, debit_id: UUID, points: int, takes: Sequence[Take], note: Note, *, expires_at: datetime | None) -> Line:
        """Undo a debit: into the lots that it took from, as far as no deficit takes it. What came from nowhere opens a lot of its own."""
        entry_id = ids.uuid7()
        due = max(0, self.balance + points) - self.available
        lots = [(self.lots[take.lot_id], take.points) for take in takes if take.lot_id in self.lots]
        for lot, taken in sorted(lots, key=lambda each: each[0].order, reverse=True):
            back = min(due, taken)
            if back:
                self._take(entry_id, lot, -back)
                due -= back
        opened = None
        if due:
            opened = Lot(ids.uuid7(), due, due, self.at, expires_at, True, entry_id, fresh=True)
            self._keep(opened)
        return self._line(
            entry_id, PointsEntryKind.REVERSE, points, points, note, reverses_id=debit_id, covers=points,
            lot_id=opened.id if opened else None, expires_at=expires_at if opened else None,
        )  # fmt: skip

    def mend(self, *, expires_at: datetime | None) -> None:
        """Have the lots hold what the balance says, without an entry: rows have come from another customer, or gone to one."""
        ready = sorted((lot for lot in self.lots.values()), key=lambda lot: lot.order)
        for lot in ready:
            over = lot.remaining - lot.points if lot.remaining > lot.points else min(0, lot.remaining)
            if over:
                self._take(None, lot, over)
        ready = [lot for lot in ready if lot.activated]
        gap = self.available - sum(lot.remaining for lot in ready)
        if gap < 0:
            self._draw(None, -gap)
        for lot in reversed(ready):
            back = min(max(0, gap), lot.points - lot.remaining)
            if back:
                self._take(None, lot, -back)
                gap -= back
        if gap > 0:
            self._keep(Lot(ids.uuid7(), gap, gap, self.at, expires_at, True, None, fresh=True))

    def _by_policy(self, points: int, policy: NegativeBalancePolicy) -> int:
        if points > self.available:
            if policy is NegativeBalancePolicy.FORBID:
                raise short(points - self.available)
            if policy is NegativeBalancePolicy.CLAMP_TO_ZERO:
                return self.available
        return points

    def _open(self, lot: Lot, entry_id: UUID, *, credited: int = 0) -> None:
        """Have a lot in the book, and its deficit paid from it; `credited` is what the same entry has brought before."""
        self._keep(lot)
        paid = min(lot.remaining, max(0, -(self.balance + credited))) if lot.activated else 0
        if paid:
            self._take(entry_id, lot, paid)

    def _draw(self, entry_id: UUID | None, points: int, *, first: Lot | None = None) -> None:
        ordered = sorted((lot for lot in self.lots.values() if lot.activated and lot.remaining > 0), key=lambda lot: lot.order)
        for lot in [first, *(lot for lot in ordered if lot is not first)] if first is not None else ordered:
            taken = min(points, lot.remaining)
            if taken:
                self._take(entry_id, lot, taken)
                points -= taken
        assert points == 0, "the balance says more than the lots hold"

    def _take(self, entry_id: UUID | None, lot: Lot, points: int) -> None:
        lot.remaining -= points
        self.takes.append(Take(entry_id, lot.id, points))
        self._keep(lot)

    def _keep(self, lot: Lot) -> None:
        self.lots[lot.id] = lot
        self.touched[lot.id] = lot

    def _line(
        self,
        entry_id: UUID,
        kind: PointsEntryKind,
        points: int,
        change: int,
        note: Note,
        *,
        lot_id: UUID | None = None,
        available_at: datetime | None = None,
        expires_at: datetime | None = None,
        reverses_id: UUID | None = None,
        covers: int | None = None,
    ) -> Line:
        self.balance += change
        self.last_sequence += 1
        line = Line(
            id=entry_id,
            sequence=self.last_sequence,
            kind=kind,
            points=points,
            change=change,
            balance_after=self.balance,
            note=note,
            available_at=available_at or self.at,
            expires_at=expires_at,
            lot_id=lot_id,
            reverses_id=reverses_id,
            covers=covers,
        )
        self.lines.append(line)
        return line


def short(points: int) -> Refusal:
    """So many points are missing."""
    return Refusal(f"{points:,} points short.", path=("input", "points"), code=Code.INSUFFICIENT_POINTS)
