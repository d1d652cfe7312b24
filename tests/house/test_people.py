"""Rules of the house about personal data."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tortoise.context import require_context
from tortoise.models import Model

from siyu.domain.kernel.boot import House
from siyu.privacy import sealed
from siyu.privacy.columns import BlindIndexField, SealedField

_SIYU = Path(__file__).parent.parent.parent / "siyu"

#: Tables that name a person and outlive them, each with its ground. The erasure empties the column.
_OUTLIVING = {"DataRequest": "the proof that the person was erased, or why not"}


def _models() -> list[type[Model]]:
    apps = require_context().apps
    assert apps is not None
    return list(apps["siyu"].values())


def test_nothing_mints_a_grant_but_consent() -> None:
    for path in _SIYU.rglob("*.py"):
        if path in (_SIYU / "privacy" / "consent.py", _SIYU / "privacy" / "grant.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            imported = {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()
            assert name != "MINT", f"{path}:{getattr(node, 'lineno', 0)} takes the mint: ask consent.grant for a grant"
            assert "MINT" not in imported, f"{path} takes the mint: ask consent.grant for a grant"
            called = node.func if isinstance(node, ast.Call) else None
            makes = (isinstance(called, ast.Name) and called.id == "Grant") or (
                isinstance(called, ast.Attribute) and called.attr == "Grant"
            )
            assert not makes, f"{path}:{getattr(node, 'lineno', 0)} makes a Grant: ask consent.grant for one"


@pytest.mark.on("sqlite")
async def test_every_column_about_a_person_says_what_it_is(house: House) -> None:
    tables = sealed.personal_tables()
    assert tables
    for table in tables:
        assert sealed.unmarked(table) == set(), f"{table.__name__}: seal these, mark them personal(...), or list them as technical"
        for name, field in table._meta.fields_map.items():
            about = getattr(field, "about", None)
            if about is not None:
                assert about.category, f"{table.__name__}.{name} needs a category"
                assert about.purposes, f"{table.__name__}.{name} needs a purpose"
                assert about.retention_days > 0, f"{table.__name__}.{name} needs a retention"
            if isinstance(field, SealedField | BlindIndexField):
                assert field.model is table, f"{table.__name__}.{name} is shared with another table: declare it on each"


@pytest.mark.on("sqlite")
async def test_every_table_about_people_is_one_that_erasure_reaches(house: House) -> None:
    reached = set(sealed.personal_tables())
    for model in _models():
        about_people = {"customer_id", "subject_id"} & set(model._meta.fields_db_projection.values())
        if model.__name__ in _OUTLIVING:
            assert all(model._meta.fields_map[column].null for column in about_people), f"{model.__name__} could not let go of the person"
            continue
        assert model in reached or not about_people, f"{model.__name__} has {about_people} and is no PersonalModel: nobody would erase it"
    for table in reached:
        assert table.subject in table._meta.fields_db_projection, f"{table.__name__} has no column {table.subject}"
