"""The passphrase of an export: derived from the person's own key, so that it is stored nowhere and goes with that key."""

from __future__ import annotations

import base64

from siyu.privacy import keyring
from siyu.privacy.dialect import Id, raw
from siyu.privacy.keyring import Erased

_BYTES = 20
_GROUP = 4


async def passphrase(subject_id: Id, request_id: Id) -> str:
    """The passphrase of this person's export under this request, 160 bits in groups of four; raises `Erased`.

    The same each time, so that a job that was broken off goes on; whoever calls this sees to it that it is shown once.
    """
    key = (await keyring.current().keys([subject_id])).get(subject_id)
    if key is None:
        raise Erased("This person was erased.")
    letters = base64.b32encode(key.derive(b"v1|export|" + raw(request_id))[:_BYTES]).decode()
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))
