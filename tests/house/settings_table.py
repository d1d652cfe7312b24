"""The table of docs/settings.md, made from the settings' model: `python -m tests.house.settings_table` writes it."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from siyu.domain.kernel.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
_BEGIN, _END = "<!-- made by `make docs` -->", "<!-- end -->"


def _default(field: FieldInfo) -> str:
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    return f"`{str(value).lower() if isinstance(value, bool) else value}`" if str(value) else "—"


def table() -> str:
    """The rows, in the order of the model."""
    rows = [f"| `{field.validation_alias}` | {_default(field)} | {field.description} |" for field in Settings.model_fields.values()]
    return "\n".join(["| variable | default | what it says |", "|---|---|---|", *rows])


def page(written: str) -> str:
    """The page with its table as it should be."""
    before, _, rest = written.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{table()}\n{_END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
