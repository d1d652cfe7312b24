"""Notes of staff on customers."""

from siyu.domain.notes.batch import NoteGiven, add_batch
from siyu.domain.notes.commands import NoteAdd, add
from siyu.domain.notes.source import NOTE

__all__ = ["NOTE", "NoteAdd", "NoteGiven", "add", "add_batch"]
