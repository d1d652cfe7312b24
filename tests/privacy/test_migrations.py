"""Sealed columns in the ORM's migrations: plain columns, without the product's code."""

from __future__ import annotations

from tortoise.migrations.schema_generator.operation_generator import OperationGenerator
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.migrations.writer import MigrationWriter
from tortoise.models import Model

from siyu.privacy import sealed
from siyu.privacy.keyring import Keyring
from siyu.privacy.tables import Consent, ConsentEvent, Purpose
from tests.privacy.tables import Person, Remark

TABLES = (Person, Remark, Consent, ConsentEvent, Purpose)


def _state(*models: type[Model]) -> State:
    return State({("siyu", model.__name__): ModelState.make_from_model("siyu", model) for model in models}, StateApps())


async def test_a_migration_names_plain_columns_and_makes_no_ghost_table(ring: Keyring) -> None:
    before = sealed.personal_tables()
    operations = OperationGenerator(State({}, StateApps()), _state(*TABLES)).generate(app_labels=["siyu"])
    text = MigrationWriter("0001_initial", "siyu", operations).as_string()
    assert "('phone', fields.BinaryField(null=True))" in text
    assert "('phone_index', HashField(null=True, db_index=True))" in text
    assert "('text', fields.BinaryField())" in text
    assert {line for line in text.splitlines() if line.startswith("from siyu")} == {
        "from siyu.privacy.clock import now",
        "from siyu.privacy.columns import HashField",
    }
    names: dict[str, type] = {}
    exec(text, names)  # the migration as the ORM would load it
    state = State({}, StateApps())
    for operation in names["Migration"].operations:  # type: ignore[attr-defined]  # the class that the text defines
        operation.state_forward("siyu", state)
    ghosts = [model for model in Model.__subclasses__() if model.__name__ == "Person"]
    assert ghosts, "migrations make classes of their own"
    assert sealed.personal_tables() == before
    assert OperationGenerator(state, _state(*TABLES)).generate(app_labels=["siyu"]) == [], "no drift right after"
