"""Notes of staff on customers."""

from siyu.domain.notes.commands import NoteAdd, add
from siyu.domain.notes.source import NOTE

__all__ = ["NOTE", "NoteAdd", "add"]
