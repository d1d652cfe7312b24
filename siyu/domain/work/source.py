"""What can be read of long work."""

from __future__ import annotations

from siyu.domain.kernel.reading import Source
from siyu.domain.work.tables import Work

JOB = Source(
    "Job",
    table=Work,
    scope=None,
    description="Long work: its row is the truth, the queue only a doorbell. Whoever knows its id may look.",
    columns=("kind", "state", "done", "total", "message", "created_at", "started_at", "finished_at"),
)
