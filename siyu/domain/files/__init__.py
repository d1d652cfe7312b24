"""Files that come and go: uploads to be imported, and links that work once."""

from siyu.domain.files.commands import UNUSED, Claimed, Kept, claim, clear, drop, keep, offer, path, purge, upload

__all__ = ["UNUSED", "Claimed", "Kept", "claim", "clear", "drop", "keep", "offer", "path", "purge", "upload"]
