"""Tables about people: rows that seal themselves, and the register of all such tables.

class Answer(PersonalModel):
    subject: ClassVar[str] = "customer_id"
    technical: ClassVar[frozenset[str]] = frozenset({"created_at"})
    customer_id = fields.UUIDField(db_index=True)
    free_text = SealedField(category=Category.FREE_TEXT)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NoReturn, TypeVar, cast

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import require_context
from tortoise.exceptions import IntegrityError
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model
from tortoise.transactions import in_transaction

from siyu.privacy import keyring
from siyu.privacy.columns import BlindIndexField, Fresh, Sealed, SealedField, refuse_other_filters
from siyu.privacy.dialect import Id

__all__ = ["BlindIndexField", "PersonalModel", "Sealed", "SealedField", "personal_tables", "seal", "unmarked"]

AnyRow = TypeVar("AnyRow", bound="PersonalModel")


class PersonalModel(Model):
    """A table about people. It joins export, erasure, the data map and the certificate by being one.

    `save`, `create`, `bulk_create`, `bulk_update`, `get_or_create` and `update_or_create` of the model seal; queries that would store or
    search plain text raise `TypeError`. Keys are Python-made UUIDs, and neither they nor the subject may change once a row is saved.
    """

    #: The column that holds the customer's id; "id" on the table of the customers themselves.
    subject: ClassVar[str] = "customer_id"
    #: Further columns that hold a customer's id, where a row is about several people: it goes with the first of them that is erased,
    #: and is seen by those only whose purpose reaches all of them.
    others: ClassVar[tuple[str, ...]] = ()
    #: Columns that say nothing about the person. All others are sealed or marked `personal`.
    technical: ClassVar[frozenset[str]] = frozenset()
    #: Columns that hold a row of another table, which a person is shown by its `name`: the table of each.
    naming: ClassVar[Mapping[str, str]] = {}

    _sealing: ClassVar[dict[str, SealedField]] = {}
    _indexing: ClassVar[dict[str, BlindIndexField]] = {}

    class Meta:
        abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        columns = cls._meta.fields_map
        cls._sealing = {name: field for name, field in columns.items() if isinstance(field, SealedField)}
        cls._indexing = {name: field for name, field in columns.items() if isinstance(field, BlindIndexField)}
        for name, index in cls._indexing.items():
            assert index.of in cls._sealing, f"{cls.__name__}.{name} is of {index.of}, which is no sealed column."
        refuse_other_filters(cls, [*cls._sealing, *cls._indexing])

    @classmethod
    def fresh(cls: type[AnyRow], **values: Any) -> AnyRow:
        """An unsaved row as the constructor makes it, at a tenth of its cost: for batches. Columns only, no relations."""
        row = cls.__new__(cls)
        held, columns = row.__dict__, cls._meta.fields_map
        held.update(_partial=False, _saved_in_db=False, _custom_generated_pk=False, _await_when_save={})
        for name in cls._meta.fields_db_projection:
            if name in values:
                held[name] = columns[name].to_python_value(values[name])
            else:
                default = columns[name].default
                held[name] = default() if callable(default) else default
        assert values.keys() <= cls._meta.fields_db_projection.keys(), "A value is of no column."
        return row

    def __setattr__(self, key: str, value: Any) -> None:
        guarded = self._sealing.get(key) or self._indexing.get(key)
        super().__setattr__(key, value if guarded is None else guarded.to_python_value(value))

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("Rows about people are neither pickled nor cloned.")

    async def save(
        self,
        using_db: BaseDBAsyncClient | None = None,
        update_fields: Iterable[str] | None = None,
        force_create: bool = False,
        force_update: bool = False,
    ) -> None:
        changed = None if update_fields is None else type(self)._with_indexes(update_fields)
        await seal([self], changed)
        await super().save(using_db, changed, force_create, force_update)

    @classmethod
    async def bulk_create(  # type: ignore[override]  # awaited just the same; sealing comes first
        cls: type[AnyRow],
        objects: Iterable[AnyRow],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_fields: Iterable[str] | None = None,
        on_conflict: Iterable[str] | None = None,
        using_db: BaseDBAsyncClient | None = None,
    ) -> None:
        """Seal and insert. Sealed columns can be updated on a conflict of the key only: elsewhere they would not open."""
        changed = None if update_fields is None else cls._with_indexes(update_fields)
        conflict = None if on_conflict is None else list(on_conflict)
        if changed and cls._sealing.keys() & set(changed) and conflict != [cls._meta.pk_attr]:
            raise TypeError("A sealed column can't be updated on a conflict of another column than the key.")
        rows = list(objects)
        await seal(rows)
        await super().bulk_create(rows, batch_size, ignore_conflicts, changed, conflict, using_db)

    @classmethod
    async def bulk_update(  # type: ignore[override]  # awaited just the same; sealing comes first
        cls: type[AnyRow],
        objects: Iterable[AnyRow],
        fields: Iterable[str],
        batch_size: int | None = None,
        using_db: BaseDBAsyncClient | None = None,
    ) -> int:
        """Seal and update; blind indexes of the named columns go along."""
        rows, changed = list(objects), cls._with_indexes(fields)
        await seal(rows, changed)
        return await super().bulk_update(rows, changed, batch_size, using_db)

    @classmethod
    async def _create_or_get(cls: type[AnyRow], db: BaseDBAsyncClient, defaults: dict[str, Any], **kwargs: Any) -> tuple[AnyRow, bool]:
        # The ORM's own check of defaults against the search would print both values.
        if twice := defaults.keys() & kwargs.keys():
            raise TypeError(f"{', '.join(sorted(twice))}: say it in the search or in the defaults.")
        values = {name: value for name, value in kwargs.items() if name not in cls._indexing}
        try:
            async with in_transaction(db.connection_name) as connection:
                return await cls.create(using_db=connection, **values, **defaults), True
        except IntegrityError:
            found = await cls.filter(**kwargs).using_db(db).get_or_none()
            if found is None:
                raise
            return found, False

    @classmethod
    def _with_indexes(cls, names: Iterable[str]) -> list[str]:
        asked = list(names)
        return asked + [name for name, index in cls._indexing.items() if index.of in asked and name not in asked]


async def seal(rows: Sequence[PersonalModel], names: Collection[str] | None = None) -> None:
    """Seal what was assigned to these rows, in all columns or in the named ones, and fill the indexes.

    Keys are fetched once for all rows, and made for new people; raises `Erased` when one of them was erased.
    """
    due: list[tuple[PersonalModel, Id]] = []
    for row in rows:
        held = row.__dict__
        _index(row, held, names)
        fresh = any(type(held.get(name)) is Fresh for name in row._sealing)
        # A customer has a key from the first row on, sealed columns or not: who has none counts as erased.
        if fresh or (not row._saved_in_db and row.subject == row._meta.pk_attr):
            due.append((row, _subject_of(row)))
    keys = await keyring.current().create({subject for _, subject in due}) if due else {}
    for row, subject in due:
        held, key, table = row.__dict__, keys[subject], row._meta.db_table
        row_id = cast(Id, held[row._meta.pk_attr])
        for name, field in row._sealing.items():
            value = held.get(name)
            if type(value) is Fresh and (names is None or name in names):
                held[name] = field.sealed(value, key, row_id, table)


def _index(row: PersonalModel, held: dict[str, Any], names: Collection[str] | None) -> None:
    for name, index in row._indexing.items():
        if names is None or name in names:
            value = held.get(index.of)
            if type(value) is Fresh:
                held[name] = index.of_value(value)
            elif value is None and index.of in held:
                held[name] = None


def _subject_of(row: PersonalModel) -> Id:
    subject = row.__dict__.get(row.subject)
    assert subject is not None, f"{type(row).__name__}.{row.subject} must say whose row it is before it is saved."
    assert row.pk is not None, f"{type(row).__name__} needs its key before it is saved: what is sealed is bound to it."
    return cast(Id, subject)


def personal_tables() -> list[type[PersonalModel]]:
    """Every table about people in the running application, children before their parents, customers last."""
    apps = require_context().apps
    assert apps is not None, "The ORM is not initialised."
    found = {
        model: None
        for models in apps.values()
        for model in models.values()
        if issubclass(model, PersonalModel) and not model._meta.abstract
    }
    ordered: dict[type[PersonalModel], None] = {}

    def visit(model: type[PersonalModel], above: frozenset[type[PersonalModel]]) -> None:
        for child in found:
            if child not in ordered and child not in above and child is not model and model in _parents(child):
                visit(child, above | {model})
        ordered.setdefault(model)

    for model in sorted(found, key=lambda model: (model.subject == model._meta.pk_attr, model._meta.db_table)):
        visit(model, frozenset())
    return list(ordered)


def _parents(model: type[Model]) -> set[type[Model]]:
    return {field.related_model for field in model._meta.fields_map.values() if isinstance(field, ForeignKeyFieldInstance)}


def unmarked(model: type[PersonalModel]) -> set[str]:
    """Columns of which nobody said whether they are personal: neither sealed, nor marked, nor technical. It should be empty."""
    meta = model._meta
    known = {meta.pk_attr, model.subject, *model.others} | model.technical | model._indexing.keys()
    return {
        name
        for name, field in meta.fields_map.items()
        if name in meta.fields_db_projection and name not in known and not hasattr(field, "about")
    }
