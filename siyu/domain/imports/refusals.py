"""Why a whole file is refused; a single bad cell or row is a `Problem`, not a refusal."""

from __future__ import annotations

from siyu.privacy.refusal import Refusal


class Unreadable(Refusal):
    """The file is no table that we can read; the message says where and what to do."""


class UnknownColumns(Refusal):
    """The columns of the file do not fit: none is known, or a mapping names one that is not there."""
