"""The ORM's tables, worked out once for each dialect and not again each time that a house opens."""

from __future__ import annotations

from typing import Any

from tortoise.apps import Apps
from tortoise.models import Model

#: What the ORM works out about a table for the dialect that its connection speaks.
_FINISHED = ("filters", "db_native_fields", "db_default_fields", "db_complex_fields", "basetable", "basequery", "basequery_all_fields")

_known: dict[tuple[tuple[type[Model], str], ...], list[dict[str, Any]]] = {}
_finish = Apps._build_initial_querysets


def _once(apps: Apps) -> None:
    models = [model for app in apps.apps.values() for model in app.values()]
    spoken = tuple((model, model._meta.db.capabilities.dialect) for model in models)
    if spoken not in _known:
        for model in models:
            meta = model._meta
            meta.filters = {}
            meta.db_native_fields, meta.db_default_fields, meta.db_complex_fields = [], [], []
        _finish(apps)
        _known[spoken] = [{name: getattr(model._meta, name) for name in _FINISHED} for model in models]
    for model, finished in zip(models, _known[spoken], strict=True):
        for name, value in finished.items():
            setattr(model._meta, name, value)


def install() -> None:
    """From here on, until the process ends."""
    Apps._build_initial_querysets = _once  # type: ignore[method-assign, assignment]  # the ORM has no setting for it
