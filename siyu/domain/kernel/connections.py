"""How the ORM is told of the two databases and of every table of the house."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from siyu.domain.kernel.settings import Settings

_DOMAIN = Path(__file__).parent.parent

#: The ORM's own configuration format.
Config = dict[str, Any]


def table_modules() -> list[str]:
    """Every `domain/<noun>/tables.py`, by discovery."""
    return [f"siyu.domain.{path.parent.name}.tables" for path in sorted(_DOMAIN.glob("*/tables.py"))]


def _there(*names: str) -> list[str]:
    return [name for name in names if importlib.util.find_spec(name)]


def sqlite_path(url: str) -> Path:
    """The file of a `sqlite://` URL: `sqlite:///absolute/path` or `sqlite://relative/path`."""
    return Path(unquote(url.removeprefix("sqlite://")))


def _connection(url: str, settings: Settings) -> Config:
    if urlsplit(url).scheme == "sqlite":
        return {"engine": "siyu.domain.kernel.sqlite", "credentials": {"file_path": str(sqlite_path(url))}}
    credentials = {
        "dsn": url,
        "minsize": 1,
        "maxsize": settings.pool_max,
        "max_inactive_connection_lifetime": 0,  # no timer at each use; a server that closes one is noticed at the next
        "max_cached_statement_lifetime": 0,
        "statement_cache_size": settings.statement_cache,
        "application_name": "siyu",
    }
    return {"engine": "siyu.domain.kernel.postgres", "credentials": credentials}


def tortoise_config(settings: Settings) -> Config:
    """Connections `default` and `keystore`, apps `siyu` and `keys`, with their migrations."""
    return {
        "connections": {
            "default": _connection(settings.main_database, settings),
            "keystore": _connection(settings.keystore_database, settings),
        },
        "apps": {
            "siyu": {
                "models": [*table_modules(), *_there("siyu.privacy.tables")],
                "default_connection": "default",
                "migrations": "siyu.migrations.main",
            },
            "keys": {
                "models": _there("siyu.privacy.keystore"),
                "default_connection": "keystore",
                "migrations": "siyu.migrations.keystore",
            },
        },
        "use_tz": True,
        "timezone": "UTC",
    }
