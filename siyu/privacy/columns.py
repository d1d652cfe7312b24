"""Columns that seal: the fields of a table, and what an instance holds in them instead of plain text."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NoReturn, cast

import orjson
from tortoise.fields import BinaryField, Field
from tortoise.models import Model

from siyu.privacy import keyring
from siyu.privacy.actor import Scope
from siyu.privacy.customerkey import CustomerKey, place
from siyu.privacy.dialect import Id
from siyu.privacy.personal import Category, about

Format = Literal["text", "date", "json"]
#: What may be assigned to a sealed column, and what comes out of it under a grant.
Plain = str | date | dict[str, Any] | list[Any] | int | float | bool

ENCODERS: dict[str, Callable[[Any], bytes]] = {
    "text": lambda plain: cast(str, plain).encode(),
    "date": lambda plain: cast(date, plain).isoformat().encode(),
    "json": orjson.dumps,
}
DECODERS: dict[str, Callable[[bytes], Any]] = {
    "text": bytes.decode,
    "date": lambda data: date.fromisoformat(data.decode()),
    "json": orjson.loads,
}
_TYPES: dict[str, tuple[type, ...]] = {"text": (str,), "date": (date,), "json": (str, dict, list, int, float, bool)}
_HOW = "It is opened by consent.disclose under a grant, never read directly."


class Sealed:
    """A sealed value: it can be stored and disclosed, and shows nothing in any other way."""

    __slots__ = ("_blob",)

    def __init__(self, blob: bytes) -> None:
        self._blob = blob

    @property
    def blob(self) -> bytes:
        """The ciphertext."""
        return self._blob

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError(f"A sealed value has no text. {_HOW}")

    # A placeholder from __str__ would be served as somebody's email: GraphQL writes out whatever has one.
    __str__ = __format__ = __iter__ = __len__ = __contains__ = __getitem__ = __bytes__ = __reduce_ex__ = _refuse
    __int__ = __float__ = __index__ = __lt__ = __add__ = _refuse

    def __repr__(self) -> str:
        return "<sealed>"

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str | bytes | date | dict | list):
            raise TypeError(f"A sealed value can't be compared: search by a blind index. {_HOW}")
        return self is other

    __hash__ = object.__hash__


class Fresh(Sealed):
    """A value that was assigned and waits to be sealed by the next save. It shows as little as a sealed one."""

    __slots__ = ("_plain",)

    def __init__(self, plain: Plain) -> None:
        self._plain = plain

    @property
    def blob(self) -> bytes:
        raise TypeError("This value was not sealed: save its row with save, create, bulk_create or bulk_update of the model itself.")


def _instance(value: object) -> bool:
    return hasattr(value, "_saved_in_db")


class _Guarded(BinaryField):  # type: ignore[type-arg]  # bytes or null, as each says
    """Bytes whose migrations are of a plain column, so that no migration depends on the product's code."""

    indexable = True
    _stored_as: ClassVar[str]

    def describe(self, serializable: bool) -> dict[str, Any]:
        described = super().describe(serializable)
        if serializable:
            described["field_type"] = self._stored_as.rpartition(".")[2]
        return described

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        kwargs = {"null": self.null, "unique": self.unique, "db_index": self.index and not self.unique, "description": self.description}
        return self._stored_as, [], {name: value for name, value in kwargs.items() if value}


class HashField(BinaryField):  # type: ignore[type-arg]  # bytes or null
    """Bytes of a fixed, short length, that may have an index. What migrations know of a `BlindIndexField`."""

    indexable = True


class SealedField(_Guarded):
    """A personal column that is stored encrypted, under the key of the person whose row it is.

    Assign plain text (a date, a JSON value, by `format`) and save; what comes from the database is a `Sealed`.
    """

    _stored_as = "tortoise.fields.BinaryField"

    def __init__(
        self,
        *,
        category: Category,
        scope: Scope | None = None,
        format: Format = "text",
        purposes: tuple[str, ...] | None = None,
        retention_days: int | None = None,
        null: bool = True,
        description: str | None = None,
    ) -> None:
        super().__init__(null=null, description=description)  # type: ignore[call-overload]  # either nullness
        self.format: Format = format
        self.about = about(category, scope=scope, purposes=purposes, retention_days=retention_days)

    def to_python_value(self, value: object) -> Sealed | None:
        """Wrap what is assigned, or what comes from the database, at once: no instance ever holds plain text."""
        if value is None or isinstance(value, Sealed):
            return value
        if isinstance(value, bytes | memoryview):
            return Sealed(bytes(value))
        if not isinstance(value, _TYPES[self.format]):
            raise TypeError(f"{self.model_field_name} takes {self.format}, not {type(value).__name__}.")
        return Fresh(cast(Plain, value))

    def to_db_value(self, value: object, instance: type[Model] | Model) -> bytes | None:
        if value is None:
            return None
        if isinstance(value, Sealed) and _instance(instance):
            return value.blob
        raise TypeError(
            f"{self.model_field_name} is sealed: it can be neither searched nor updated in place."
            " Search by a blind index; to change it, assign it and save the row."
        )

    def sealed(self, value: Fresh, key: CustomerKey, row_id: Id, table: str) -> Sealed:
        """The value, sealed for this row."""
        at = place(table, self.source_field or self.model_field_name, self.format)
        return Sealed(key.seal(at, row_id, ENCODERS[self.format](value._plain)))

    if TYPE_CHECKING:

        def __get__(self, instance: object, owner: object) -> Sealed | None: ...  # type: ignore[override]  # no Field on the class

        def __set__(self, instance: object, value: Plain | Sealed | None) -> None: ...


def folded(text: str) -> str | None:
    """How text is made comparable where a column says nothing else: width, case and outer blanks don't count."""
    return unicodedata.normalize("NFKC", text).casefold().strip() or None


class BlindIndexField(_Guarded):
    """Finds equal values of a sealed column of text, or of dates as ISO 8601, without opening one: it fills itself when its row is saved.

    `normal` makes spellings of the same value equal, and gives None for what can't be searched. `bits` leaves so many of the hash: full
    length for values that are unique, and for others so few that 2 <= rows/2^bits < sqrt(rows), or the index tells who shares a value.
    Filter with plain text: `Customer.filter(phone_index="+86 139 …")`.
    """

    _stored_as = "siyu.privacy.columns.HashField"

    def __init__(
        self,
        *,
        of: str,
        normal: Callable[[str], str | None] = folded,
        bits: int | None = None,
        unique: bool = False,
        db_index: bool = True,
        description: str | None = None,
    ) -> None:
        assert bits is None or 0 < bits < 256, "A hash has 256 bits."
        super().__init__(null=True, unique=unique, db_index=db_index and not unique, description=description)
        self.of = of
        self.normal = normal
        self.bits = bits

    def token(self, plain: str) -> bytes:
        """What the index holds for this text; empty, which it never holds, for text that can't be searched."""
        comparable = self.normal(plain)
        if comparable is None:
            return b""
        column = self.source_field or self.model_field_name
        hashed = keyring.current().index_key(self.model._meta.db_table, column).of(comparable.encode())
        if self.bits is None:
            return hashed
        whole, left = divmod(self.bits, 8)
        return hashed[:whole] + (bytes((hashed[whole] >> (8 - left),)) if left else b"")

    def of_value(self, value: Fresh) -> bytes | None:
        """What is stored for a value that is about to be sealed."""
        plain = value._plain.isoformat() if isinstance(value._plain, date) else value._plain
        assert isinstance(plain, str), f"{self.model_field_name} is of a column that is neither text nor a date."
        return self.token(plain) or None

    def to_python_value(self, value: object) -> bytes | None:
        if value is None or isinstance(value, bytes):
            return value
        raise TypeError(f"{self.model_field_name} fills itself from {self.of}: assign that one.")

    def to_db_value(self, value: object, instance: type[Model] | Model) -> bytes | None:
        if value is None or isinstance(value, bytes):
            return value
        if isinstance(value, str) and instance is not None and not _instance(instance):
            return self.token(value)
        raise TypeError(f"{self.model_field_name} is filtered by text, and fills itself from {self.of}.")


def refuse_other_filters(model: type[Model], names: Iterable[str]) -> None:
    """Leave only those filters of guarded columns that make sense: of a sealed one whether it is null, of an index equality too."""
    filters = model._meta._filters
    for name in names:
        field = model._meta.fields_map[name]
        kept = {"isnull", "not_isnull"} | ({"", "in", "not", "not_in"} if isinstance(field, BlindIndexField) else set())
        for key, info in filters.items():
            base, _, operator = key.partition("__")
            if base == name and operator not in kept:
                info["value_encoder"] = _no_such_search


def _no_such_search(value: object, instance: object, field: Field[Any]) -> NoReturn:
    raise TypeError(f"{field.model_field_name} is sealed or hashed: the one can't be searched, the other knows equality only.")
