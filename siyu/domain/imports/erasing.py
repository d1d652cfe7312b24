"""What an erasure asks of imports: no file of theirs may hold the person any more."""

from __future__ import annotations

from typing import Final, cast

from siyu.domain import files, work
from siyu.domain.imports.commands import forget
from siyu.domain.imports.running import rejected_path
from siyu.domain.imports.tables import Import
from siyu.domain.kernel.operation import operation
from siyu.domain.work import WorkState
from siyu.privacy.actor import Actor, Scope

_UNDER_WAY: Final = frozenset({WorkState.QUEUED, WorkState.RUNNING})


@operation(Scope.JOBS_RUN)
async def clear(actor: Actor) -> bool:
    """Remove all uploads, rejected rows, hints at values and names of files, since nobody can tell whose are in them.

    False, and nothing removed, while an import is under way: it could bring the person back. Ask again when it has ended.
    """
    left = await Import.filter(purged_at__isnull=True)
    works = await work.found(actor, [record.work_id for record in left if record.finished_at is None])
    if any(found.state in _UNDER_WAY for found in works.values()):
        return False
    for record in left:
        rejected_path(record.id).unlink(missing_ok=True)
        await forget(actor, record)
    for name in cast("list[str]", await Import.all().distinct().values_list("filename", flat=True)):
        if name != files.nameless(name):
            await Import.filter(filename=name).update(filename=files.nameless(name))
    await files.clear(actor)
    return True
