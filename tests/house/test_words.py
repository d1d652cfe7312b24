"""What is never written into this repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Each with what to do instead. Written so that they don't find themselves.
FORBIDDEN = {
    r"/(home|Users|root)/[a-z]\w*/": "a path of somebody's machine: make it relative, or a setting",
    r"/[w]ork/|/[t]mp/w/": "a path of a workplace: make it relative",
    r"(?i)(index-url|find-links)\s*[=:]?\s*\S+://": "a registry's host: whoever installs configures it",
    r"(?i)\b(to" + r"do|fix" + r"me|x{3})\b": "unfinished work: finish it, or open an issue",
}
#: Names that style.md rules out, because they say nothing of what is inside.
VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "service", "services", "misc", "common"}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


TEXTS = {".py", ".md", ".toml", ".ini", ".in", ".lock", ".yaml", ".yml", ".graphql", ".sh", ".txt", ""}


def test_no_forbidden_word_is_in_the_repository() -> None:
    found = []
    for path in tracked():
        if path.suffix not in TEXTS or path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="ignore").splitlines(), 1):
            found += [f"{path.relative_to(ROOT)}:{number} {instead}" for pattern, instead in FORBIDDEN.items() if re.search(pattern, line)]
    assert found == []


@pytest.mark.parametrize("room", ["siyu", "tests"])
def test_names_say_what_is_inside(room: str) -> None:
    vague = [str(path.relative_to(ROOT)) for path in (ROOT / room).rglob("*.py") if path.stem in VAGUE]
    assert vague == [], "Name the module after its noun."


def test_imports_sit_at_the_top() -> None:
    indented = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "siyu").rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.match(r"\s+(from \S+ import |import \S+$)", line) and not re.match(r"    (from|import)", line)
    ]
    assert indented == [], "An import inside a function is a layering bug: move the code."
