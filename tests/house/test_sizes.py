"""Files and functions stay small enough to read."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = {"siyu": 40, "benchmarks": 80, "tests": 60}
MEDIAN_LINES_MAX = 120


def files(*rooms: str) -> list[Path]:
    """Python files of these rooms; migrations are written by the machine."""
    found = [path for room in rooms for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts]
    return [path for path in found if not path.name.startswith("0")]


def long_functions(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            # A function's own lines: a decorator's inner function counts by itself, its docstring not at all.
            inner = [each for each in ast.walk(node) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each is not node]
            lines = node.end_lineno - node.body[0].lineno + 1
            lines -= sum((each.end_lineno or 0) - each.lineno + 1 for each in inner if each in node.body)
            if ast.get_docstring(node):
                lines -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
            if lines >= FUNCTION_LINES_MAX[path.relative_to(ROOT).parts[0]]:
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {lines} lines"


@pytest.mark.parametrize("path", files("siyu", "tests", "benchmarks"), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_and_its_functions_are_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= FILE_LINES_MAX, f"{path.name} has {lines} lines: give one of its two subjects a file of its own."
    assert list(long_functions(path)) == [], "Split it where a comment would have gone."


def test_the_median_file_is_a_page() -> None:
    lengths = [len(path.read_text(encoding="utf-8").splitlines()) for path in files("siyu") if path.stat().st_size]
    assert statistics.median(lengths) < MEDIAN_LINES_MAX
