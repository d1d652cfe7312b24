"""Segments as the machine that keeps them sees them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.domain import rules
from siyu.domain.kernel import boot, database, ids
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.operation import announce
from siyu.domain.kernel.touching import Change
from siyu.domain.rules import Decided, Evaluation, Held, HolderKind, Keeping, Kept, Named
from siyu.domain.segments.drops import notice
from siyu.domain.segments.rules import moved_by_time
from siyu.domain.segments.tables import Override, Segment, SegmentChange, SegmentMember, SegmentOverride, SegmentSize
from siyu.privacy.actor import Actor

#: Announced with a segment's id when somebody entered or left it.
CHANGED = "segment_changed"

_OVERRIDES = SegmentOverride._meta.db_table
_INCLUDED = Decided(_OVERRIDES, f"o.override = '{Override.INCLUDE}'")
_EXCLUDED = Decided(_OVERRIDES, f"o.override = '{Override.EXCLUDE}'")


class Segments:
    """See `rules.Holder`."""

    async def held(self, actor: Actor, ids: Collection[UUID] | None) -> list[Held]:
        rows = await (Segment.all() if ids is None else Segment.filter(id__in=list(ids)))
        decided = await _decided(ids) if rows else set()
        return [
            Held(
                id=row.id,
                version=row.rule_version,
                tree=row.rule,
                keeping=Keeping(
                    table=SegmentMember._meta.db_table,
                    changes=SegmentChange._meta.db_table,
                    owner="segment_id",
                    entered="entered",
                    since="entered_at",
                    always=_INCLUDED if (row.id, Override.INCLUDE) in decided else None,
                    never=_EXCLUDED if (row.id, Override.EXCLUDE) in decided else None,
                ),
                due=row.due,
                failure=row.failure,
                evaluated_at=row.evaluated_at,
            )
            for row in rows
        ]

    async def begin(self, actor: Actor, owner_id: UUID) -> None:
        await Segment.filter(id=owner_id).update(due=False)

    async def kept(self, actor: Actor, held: Held, kept: Kept, *, whole: bool) -> None:
        if not kept.changed:
            if whole and moved_by_time(held, kept.at, _zone()):
                await _reckoned(held.id, kept)
            return
        count = await SegmentMember.filter(segment_id=held.id).count() if whole else None
        await sized(held.id, kept, count)
        await notice(actor, held, kept)
        announce(CHANGED, str(held.id))

    async def evaluated(self, actor: Actor, owner_id: UUID, evaluation: Evaluation) -> None:
        if evaluation.failure is not None:
            await Segment.filter(id=owner_id).update(failure=evaluation.failure)
            return
        await Segment.filter(id=owner_id).update(failure=None, evaluated_at=evaluation.at, evaluation_milliseconds=evaluation.milliseconds)

    async def mark(self, actor: Actor, ids: Collection[UUID]) -> None:
        await Segment.filter(id__in=list(ids), due=False).update(due=True)

    async def named(self, actor: Actor, ids: Collection[UUID]) -> Mapping[UUID, str]:
        found = await Segment.filter(id__in=list(ids)).values_list("id", "code")
        return {key: f"segment {code}" for key, code in found}


rules.holds(HolderKind.SEGMENT, Segments())


@rules.known(Change.SEGMENT)
async def catalogue(actor: Actor, names: Collection[str]) -> dict[str, Named]:
    """The segments of these codes, or ids as text."""
    wanted = {key: text for text in names if (key := _key(text)) is not None}
    found: dict[str, Named] = {}
    if wanted:
        for key, code, failure in await Segment.filter(id__in=list(wanted)).values_list("id", "code", "failure"):
            found[wanted[key]] = Named(key, code, _warning(failure))
    codes = [text for text in names if text not in found]
    if codes:
        for key, code, failure in await Segment.filter(code__in=codes).values_list("id", "code", "failure"):
            found[code] = Named(key, code, _warning(failure))
    return found


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _warning(failure: str | None) -> str | None:
    return None if failure is None else "Its own rule could not be applied; its members are those of the last time."


async def _decided(owner_ids: Collection[UUID] | None) -> set[tuple[UUID, Override]]:
    """Of which of these segments anything was decided by hand, and what."""
    statement = Statement(database.dialect())
    where = "" if owner_ids is None else f" where {statement.among('segment_id', list(owner_ids), Kind.ID)}"
    sql = f"select distinct segment_id, override from {_OVERRIDES}{where}"  # noqa: S608  # bound values only
    return {(UUID(str(key)), Override(what)) for key, what in await database.rows(sql, statement.args)}


async def _reckoned(segment_id: UUID, kept: Kept) -> None:
    """Once a day, have the number be what is there: who was erased is in it no longer. Nothing is written where it is right."""
    count = await SegmentMember.filter(segment_id=segment_id).count()
    known = await SegmentSize.filter(segment_id=segment_id).order_by("-day").first().values_list("count", flat=True)
    if count != (known or 0):
        await sized(segment_id, kept, count)


def _zone() -> ZoneInfo:
    return ZoneInfo(boot.current().settings.timezone)


async def sized(segment_id: UUID, kept: Kept, count: int | None = None) -> None:
    """Add to the day's row; the number is the given one, or that of before and what has changed."""
    statement, table = Statement(database.dialect()), SegmentSize._meta.db_table
    day = kept.at.astimezone(_zone()).date()
    key, segment, on = statement.bind(ids.uuid7(), Kind.ID), statement.bind(segment_id, Kind.ID), statement.bind(day, Kind.DATE)
    entered, left = statement.typed(kept.entered, Kind.INT), statement.typed(kept.left, Kind.INT)
    before = f"coalesce((select b.count from {table} b where b.segment_id = {segment} and b.day < {on} order by b.day desc limit 1), 0)"  # noqa: S608  # bound
    if count is None:
        first, after = f"{before} + {entered} - {left}", f"{table}.count + {entered} - {left}"
    else:
        first = after = statement.typed(count, Kind.INT)
    await database.run(
        f'insert into {table} (id, segment_id, day, count, entered, "left") values ({key}, {segment}, {on}, {first}, {entered}, {left})'  # noqa: S608  # as above
        f" on conflict (segment_id, day) do update set count = {after}, entered = {table}.entered + excluded.entered,"
        f' "left" = {table}."left" + excluded."left"',
        statement.args,
    )
