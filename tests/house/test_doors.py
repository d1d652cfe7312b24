"""The first door: operations are the only way to do. The second, grants, is in test_people.py."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import siyu
from siyu.domain.kernel.operation import OPERATIONS

ROOT = Path(siyu.__file__).parent
NOUNS = sorted(path.parent.name for path in (ROOT / "domain").glob("*/__init__.py") if path.parent.name != "kernel")


def public_coroutines(noun: str) -> Iterator[tuple[str, object]]:
    facade = importlib.import_module(f"siyu.domain.{noun}")
    for name in getattr(facade, "__all__", dir(facade)):
        value = getattr(facade, name)
        if inspect.iscoroutinefunction(value) or inspect.isasyncgenfunction(value):
            yield name, value


@pytest.mark.parametrize("noun", NOUNS)
def test_every_public_coroutine_is_an_operation(noun: str) -> None:
    for name, value in public_coroutines(noun):
        assert value in OPERATIONS.values(), f"{noun}.{name} is open: put it behind @operation(scope)."


@pytest.mark.parametrize("noun", NOUNS)
def test_a_facade_names_what_it_shows(noun: str) -> None:
    assert hasattr(importlib.import_module(f"siyu.domain.{noun}"), "__all__"), f"{noun}: say in __all__ what others may use."


def test_an_operations_first_argument_is_its_actor() -> None:
    for name, function in OPERATIONS.items():
        first = next(iter(inspect.signature(function).parameters.values()))
        assert first.name in ("actor", "_"), f"{name}: an operation begins with `actor: Actor`."


def calls_of(pattern: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in ROOT.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_nothing_catches_everything() -> None:
    """`except Exception` hides bugs. The one place that may is the outermost line of the HTTP edge."""
    for place in calls_of(r"except (Base)?Exception\b|except:"):
        path, number = place.split(":")
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        raises = any("raise" in line for line in lines[int(number) : int(number) + 12])
        assert raises or path == "api/app.py", f"{place}: name what you expect."


def test_resolvers_have_no_rule_and_no_query() -> None:
    """A resolver is one sentence: translate in, call one operation, wrap."""
    for path in (ROOT / "schema").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AsyncFunctionDef) and any("mutation" in ast.unparse(mark) for mark in node.decorator_list):
                kinds = {type(inner).__name__ for inner in ast.walk(node)} & {"If", "Try", "For", "While"}
                assert not kinds, f"{path.name}:{node.lineno} {node.name} decides something: move it into the domain."
