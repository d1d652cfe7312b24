"""The settings and their page say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from siyu.domain.kernel.settings import Settings
from tests.house import settings_table


def test_the_page_of_settings_is_the_models_table() -> None:
    written = settings_table.PAGE.read_text(encoding="utf-8")
    assert settings_table.page(written) == written, "docs/settings.md is behind the settings: run `make docs`."


def test_every_setting_has_a_name_in_the_environment_and_a_sentence() -> None:
    for name, field in Settings.model_fields.items():
        assert re.fullmatch(r"[A-Z][A-Z0-9_]+", str(field.validation_alias)), f"{name}: give it validation_alias=NAME."
        assert (field.description or "").endswith("."), f"{name}: say in a sentence what it does."


def test_only_the_kernel_reads_the_environment() -> None:
    readers = [
        str(path)
        for path in Path("siyu").rglob("*.py")
        if re.search(r"os\.environ|os\.getenv|BaseSettings", path.read_text(encoding="utf-8"))
        and path.name not in ("settings.py", "boot.py")
    ]
    assert readers == [], "Settings are read in domain/kernel/settings.py and handed down as values."


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "http"), ("PORT", "70000"), ("DATABASE_URL", "mysql://x/y"), ("SIYU_TIMEZONE", "Mars/Olympus"), ("SIYU_REGION", "china")],
)
def test_a_wrong_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert [error["loc"] for error in refused.value.errors()] == [(name,)]


def test_the_environment_says_and_the_rest_is_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv("SIYU_DATA_DIR", "/tmp/somewhere")
    found = Settings()
    assert found.embedded
    assert found.port == 0
    assert found.main_database == "sqlite:///tmp/somewhere/siyu.db"
    assert found.keystore_database == "sqlite:///tmp/somewhere/keys.db"
    assert found.custodian_url == "file:///tmp/somewhere/root.keys"
    assert not found.model_copy(update={"redis_url": "redis://127.0.0.1/0"}).embedded
