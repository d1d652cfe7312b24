"""The ledger as anybody would write it down: one person's lots as a plain list, a deficit as a number of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from siyu.domain.points import NegativeBalancePolicy
from siyu.privacy.refusal import Code

_SERIAL = count()
_NEVER = datetime.max.replace(tzinfo=UTC)


class Refused(Exception):
    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


@dataclass(eq=False)
class Pile:
    points: int
    since: datetime
    until: datetime | None
    ready: bool
    serial: int = field(default_factory=lambda: next(_SERIAL))


@dataclass(eq=False)
class Deed:
    """Something done, and what is needed to undo it."""

    whose: Person
    kind: str
    points: int
    pile: Pile | None = None
    took: list[tuple[Pile, int]] = field(default_factory=list)
    undone: int = 0
    closed: bool = False


@dataclass(eq=False)
class Person:
    piles: list[Pile] = field(default_factory=list)
    owes: int = 0
    lifetime: int = 0

    @property
    def stands(self) -> tuple[int, int, int]:
        ready = sum(pile.points for pile in self.piles if pile.ready)
        return ready - self.owes, sum(pile.points for pile in self.piles if not pile.ready), self.lifetime

    def left(self) -> list[tuple[datetime, int, bool]]:
        return sorted((pile.until or _NEVER, pile.points, pile.ready) for pile in self.piles if pile.points)

    def _ordered(self) -> list[Pile]:
        return sorted(self.piles, key=lambda pile: (pile.until or _NEVER, pile.since, pile.serial))

    def _pay(self, pile: Pile) -> None:
        paid = min(self.owes, pile.points)
        self.owes -= paid
        pile.points -= paid

    def gain(self, kind: str, points: int, since: datetime, until: datetime | None, now: datetime) -> Deed:
        pile = Pile(points, since, until, since <= now)
        self.piles.append(pile)
        if pile.ready:
            self._pay(pile)
        self.lifetime += points if kind == "EARN" else 0
        return Deed(self, kind, points, pile)

    def settle(self, now: datetime) -> int:
        done = 0
        for pile in self._ordered():
            if pile.points and not pile.ready and pile.since <= now:
                pile.ready, done = True, done + 1
                self._pay(pile)
        for pile in self._ordered():
            if pile.points and pile.ready and pile.until and pile.until <= now:
                pile.points, done = 0, done + 1
        return done

    def _take(self, points: int, first: Pile | None = None) -> list[tuple[Pile, int]]:
        took = []
        piles = [pile for pile in self._ordered() if pile.ready]
        if first in piles:
            piles = [first, *(pile for pile in piles if pile is not first)]
        for pile in piles:
            some = min(points, pile.points)
            if some:
                pile.points -= some
                points -= some
                took.append((pile, some))
        self.owes += points
        return took

    def spend(self, points: int, now: datetime) -> Deed:
        if points > self._spendable(now):
            raise Refused(Code.INSUFFICIENT_POINTS)
        self.settle(now)
        return Deed(self, "REDEEM", -points, took=self._take(points))

    def _spendable(self, now: datetime) -> int:
        """After what is due: asked before anything is changed, as a refusal changes nothing."""
        live = [pile for pile in self.piles if pile.ready or pile.since <= now]
        activated = sum(pile.points for pile in live if not pile.ready)
        paid = min(self.owes, activated)
        # What a deficit takes comes out of the first piles to be activated.
        left, gone = paid, 0
        for pile in sorted(live, key=lambda pile: (pile.until or _NEVER, pile.since, pile.serial)):
            have = pile.points
            if not pile.ready:
                some = min(left, have)
                left, have = left - some, have - some
            if pile.until and pile.until <= now:
                gone += have
        return max(0, sum(pile.points for pile in live) - paid - gone)

    def _by_policy(self, points: int, policy: NegativeBalancePolicy, now: datetime) -> int:
        have = self._spendable(now)
        if points > have and policy is NegativeBalancePolicy.FORBID:
            raise Refused(Code.INSUFFICIENT_POINTS)
        return min(points, have) if policy is NegativeBalancePolicy.CLAMP_TO_ZERO else points

    def lose(self, points: int, policy: NegativeBalancePolicy, now: datetime) -> Deed:
        points = self._by_policy(points, policy, now)
        self.settle(now)
        return Deed(self, "ADJUST", -points, took=self._take(points))

    def undo(self, deed: Deed, points: int | None, policy: NegativeBalancePolicy, now: datetime) -> Deed:
        if deed.kind not in ("EARN", "ADJUST", "REDEEM") or deed.closed or not deed.points:
            raise Refused(Code.WRONG_STATE)
        return self._take_back(deed, points, policy, now) if deed.points > 0 else self._give_back(deed, now)

    def _take_back(self, deed: Deed, points: int | None, policy: NegativeBalancePolicy, now: datetime) -> Deed:
        left = deed.points - deed.undone
        asked = min(left, points or left)
        pile = deed.pile
        assert pile is not None
        if not pile.ready and pile.since > now:
            self.settle(now)
            pile.points -= asked
            taken = asked
        else:
            taken = self._by_policy(asked, policy, now)
            self.settle(now)
            self._take(taken, first=pile)
        deed.undone += asked
        deed.closed = deed.undone == deed.points
        self.lifetime -= taken if deed.kind == "EARN" else 0
        return Deed(self, "REVERSE", -taken)

    def _give_back(self, deed: Deed, now: datetime) -> Deed:
        self.settle(now)
        back = -deed.points
        paid = min(self.owes, back)
        self.owes -= paid
        due = back - paid
        for pile, some in sorted(deed.took, key=lambda each: (each[0].until or _NEVER, each[0].since, each[0].serial), reverse=True):
            given = min(due, some)
            pile.points += given
            due -= given
        if due:
            self.piles.append(Pile(due, now, None, True))
        deed.closed = True
        return Deed(self, "REVERSE", back)

    def give(self, other: Person, points: int, now: datetime) -> Deed:
        deed = self.spend(points, now)
        deed.kind = "TRANSFER_OUT"
        parts: dict[datetime | None, tuple[int, datetime]] = {}
        for pile, some in deed.took:
            had, since = parts.get(pile.until, (0, pile.since))
            parts[pile.until] = (had + some, min(since, pile.since))
        for until, (some, since) in parts.items():
            other.gain("TRANSFER_IN", some, since, until, now)
        return deed
