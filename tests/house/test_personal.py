"""Personal tables, beside what test_people.py holds them to."""

from __future__ import annotations

import pytest

from siyu.domain.kernel.boot import House
from siyu.privacy.sealed import personal_tables

pytestmark = pytest.mark.on("sqlite")


async def test_what_is_technical_exists(house: House) -> None:
    for model in personal_tables():
        gone = model.technical - model._meta.fields_map.keys()
        assert not gone, f"{model.__name__}.technical names columns that are gone: {sorted(gone)}."


async def test_a_personal_tables_subject_is_indexed(house: House) -> None:
    """Export and erasure follow it, and so does every page of a customer's things."""
    for model in personal_tables():
        leading = {index.fields[0] if hasattr(index, "fields") else index[0] for index in model._meta.indexes}
        leading |= {together[0] for together in model._meta.unique_together}
        field = model._meta.fields_map[model.subject]
        assert field.pk or field.index or field.unique or model.subject in leading, f"{model.__name__}: index its `{model.subject}` first."
