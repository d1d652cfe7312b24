"""Write keys: what sites, apps and servers send behaviour with."""

from siyu.domain.writekeys.commands import REVOKED, Issued, WriteKeyCreate, WriteKeyRevoke, create, revoke
from siyu.domain.writekeys.gate import BELIEF, Sender, authenticate, listen, note_use
from siyu.domain.writekeys.queries import Known, known
from siyu.domain.writekeys.source import WRITE_KEY

__all__ = [
    "BELIEF", "REVOKED", "WRITE_KEY", "Issued", "Known", "Sender", "WriteKeyCreate", "WriteKeyRevoke", "authenticate",
    "create", "known", "listen", "note_use", "revoke",
]  # fmt: skip
