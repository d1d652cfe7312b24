"""Long work that somebody waits for: started inside an operation, run by a worker, watched by whoever started it."""

from siyu.domain.work.commands import WorkStopped, advance, begin, cancel, fail, finish, start
from siyu.domain.work.progress import Progress
from siyu.domain.work.queries import WorkView, find, found
from siyu.domain.work.source import JOB
from siyu.domain.work.tables import WorkState

__all__ = [
    "JOB", "Progress", "WorkState", "WorkStopped", "WorkView", "advance", "begin", "cancel", "fail", "find", "finish", "found", "start",
]  # fmt: skip
