"""A grant: proof that these people may be seen. It is made by `consent.grant`, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any, Final

from siyu.privacy import vault
from siyu.privacy.columns import DECODERS, Plain, Sealed
from siyu.privacy.customerkey import CustomerKey, Place, opened, place
from siyu.privacy.dialect import Id, raw
from siyu.privacy.refusal import Code, Refusal
from siyu.privacy.sealed import PersonalModel


class Reason(StrEnum):
    """Why a person may not be seen."""

    CONSENT_REQUIRED = "CONSENT_REQUIRED"
    OBJECTED = "OBJECTED"
    RESTRICTED = "RESTRICTED"
    ERASED = "ERASED"
    PURPOSE_UNKNOWN = "PURPOSE_UNKNOWN"


_CODES = {
    Reason.CONSENT_REQUIRED: Code.CONSENT_REQUIRED,
    Reason.OBJECTED: Code.CONSENT_REQUIRED,
    Reason.RESTRICTED: Code.RESTRICTED,
    Reason.ERASED: Code.NOT_FOUND,
    Reason.PURPOSE_UNKNOWN: Code.FORBIDDEN,
}


class NotGranted(Refusal):
    """This person may not be seen for this purpose; `reason` says why, where they were asked for at all."""

    def __init__(self, reason: Reason | None) -> None:
        super().__init__("This person may not be seen for this purpose.", code=_CODES[reason] if reason else Code.FORBIDDEN)
        self.reason = reason


#: What the constructor asks for. Only `consent` takes it, which a rule of the house tests.
MINT: Final = object()


class Grant(vault.Secret):
    """Who may be seen, and the keys to what is sealed of them. It holds for one page, and is never kept."""

    __slots__ = ("_keys", "_refused", "_subject_ids")

    def __init__(self, mint: object, subject_ids: Collection[Id], refused: Mapping[Id, Reason], keys: Mapping[Id, CustomerKey]) -> None:
        if mint is not MINT:
            raise TypeError("Only consent.grant makes grants.")
        self._subject_ids = subject_ids
        self._refused = refused
        self._keys = keys

    @property
    def subject_ids(self) -> frozenset[Id]:
        """Who may be seen, under the ids as they were asked for."""
        return frozenset(self._subject_ids)

    @property
    def refused(self) -> Mapping[Id, Reason]:
        """Who of those asked for may not, and why."""
        return self._refused

    def open(self, table: str, column: str, row_id: Id, subject_id: Id, format: str, blob: bytes | None) -> Any:
        """The plain value; None for null. Raises `NotGranted`, and `vault.Unreadable` for what does not belong there."""
        return self.opener(table, column, format)(row_id, subject_id, blob)

    def opener(self, table: str, column: str, format: str) -> Callable[[Id, Id, bytes | None], Any]:
        """What opens one column of a page, the column looked up once: it takes row id, customer id and ciphertext."""
        return self._opener(place(table, column, format))

    def _opener(self, at: Place) -> Callable[[Id, Id, bytes | None], Any]:
        keys, decode, bound = self._keys, DECODERS[at.format], at.bound
        ready: dict[Id, tuple[vault.Cipher, bytes]] = {}

        def open(row_id: Id, subject_id: Id, blob: bytes | None) -> Any:
            if blob is None:
                return None
            column = ready.get(subject_id)
            if column is None:
                key = keys.get(subject_id)
                if key is None:
                    raise NotGranted(self._refused.get(subject_id))
                column = ready[subject_id] = key.column(at)
            return decode(opened(column, bound + (raw(row_id) if isinstance(row_id, str) else row_id.bytes), blob))

        return open


def disclose(row: PersonalModel, sealed: Sealed | None, grant: Grant) -> Plain | None:
    """The plain value of one column of a row, under a grant that holds its person; raises `NotGranted`."""
    if sealed is None:
        return None
    field = next((field for name, field in row._sealing.items() if row.__dict__.get(name) is sealed), None)
    if field is None:
        raise TypeError("This value is not of this row.")
    subject: Id = getattr(row, row.subject)
    column = field.source_field or field.model_field_name
    value: Plain = grant.open(row._meta.db_table, column, row.pk, subject, field.format, sealed.blob)
    return value
