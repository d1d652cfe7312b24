"""A column as the database knows it: what a migration says of it.

Migrations keep no Python defaults, enums, descriptions or field classes of ours, so that they run unchanged however the code moves
on, and so that a reworded description is no migration (on SQLite altering a column would rebuild its table).
"""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.fields.base import Field
from tortoise.fields.relational import RelationalField

from siyu.privacy.columns import HashField


class _Given(fields.IntField):  # type: ignore[type-arg]  # it takes none while running
    """A whole number as key that whoever writes the row gives. The ORM's own would forget that it isn't a serial."""

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "generated": False}


class GivenKeyField(_Given, fields.BigIntField):
    """Eight bytes of it."""


class SmallGivenKeyField(_Given, fields.SmallIntField):
    """Two bytes of it."""


_OWN_ARGUMENTS: dict[type, tuple[str, ...]] = {
    fields.CharField: ("max_length",),
    fields.DecimalField: ("max_digits", "decimal_places"),
}
_GIVEN: dict[type, type] = {fields.BigIntField: GivenKeyField, fields.SmallIntField: SmallGivenKeyField}
#: Enums are stored as what they are made of; these come before the classes that they derive from.
_STORED_AS: tuple[type, ...] = (
    fields.CharField,
    fields.TextField,
    fields.SmallIntField,
    fields.BigIntField,
    fields.IntField,
    fields.BooleanField,
    fields.DecimalField,
    fields.DatetimeField,
    fields.DateField,
    fields.TimeField,
    fields.TimeDeltaField,
    fields.FloatField,
    fields.JSONField,
    fields.UUIDField,
    fields.BinaryField,
)


def as_stored(name: str, field: Field[Any]) -> Field[Any]:
    """The plain field of the ORM that makes the same column."""
    if isinstance(field, RelationalField):
        field.description = None
        return field
    kind = next((kind for kind in _STORED_AS if isinstance(field, kind)), None)
    assert kind is not None, f"{type(field).__name__} is no column that a migration can write: add it to stored.py."
    given: dict[str, Any] = {argument: getattr(field, argument) for argument in _OWN_ARGUMENTS.get(kind, ())}
    for argument, value in (("null", field.null), ("source_field", field.source_field), ("generated", field.generated)):
        if value:
            given[argument] = value
    if field.pk:
        given["primary_key"] = True
    else:
        given |= {argument: True for argument, value in (("unique", field.unique), ("db_index", field.index)) if value}
    if kind is fields.BinaryField and (field.unique or field.index):
        kind = HashField
    if kind in _GIVEN and field.pk and not field.generated:
        kind, given["generated"] = _GIVEN[kind], False
    if field.has_db_default():
        given["db_default"] = field.db_default
    plain: Field[Any] = kind(**given)
    plain.model_field_name, plain.model = name, field.model
    return plain
