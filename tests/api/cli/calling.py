"""Calling the command line in this process, as a script reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner, Result

from siyu.api.cli import app
from siyu.domain.kernel import boot

_ROOMS = ("DATABASE_URL", "KEYSTORE_URL", "REDIS_URL", "SIYU_ROOT_KEYS")


@contextmanager
def placed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[None]:
    """The command line works on this data folder: here, and in a process that gets this environment."""
    for name in _ROOMS:
        monkeypatch.delenv(name, raising=False)
    told = {"SIYU_DATA_DIR": str(folder), "SIYU_LEASE_SECONDS": "2", "COLUMNS": "200"}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    yield
    structlog.reset_defaults()
    assert not boot.is_open()


def siyu(*arguments: str, code: int = 0) -> Result:
    """What a command says and how it ends."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert "Traceback" not in result.output
    return result


def told(*arguments: str, code: int = 0) -> Any:
    """What a command says with `--json`."""
    return json.loads(siyu(*arguments, "--json", code=code).stdout)
