"""Files that come and go: uploads to be imported, and links that work once."""

from siyu.domain.files.commands import UNUSED, Claimed, Kept, Opened, claim, clear, drop, keep, offer, opens, path, purge, upload
from siyu.domain.files.rules import nameless

__all__ = [
    "UNUSED", "Claimed", "Kept", "Opened", "claim", "clear", "drop", "keep", "nameless", "offer", "opens", "path", "purge", "upload",
]  # fmt: skip
