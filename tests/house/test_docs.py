"""The documents: links lead somewhere, examples are valid, and what there is is mentioned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from graphql import LoneAnonymousOperationRule, parse, specified_rules, validate

from siyu.api.cli import app
from siyu.domain.kernel.reading import Reason
from siyu.domain.kernel.settings import Settings
from siyu.privacy.actor import Role, Scope
from siyu.privacy.refusal import Code
from siyu.schema import build
from tests.house.test_words import tracked

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCUMENTS = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchors(document: str) -> set[str]:
    """Headings as links spell them."""
    titles = re.findall(r"^#+ (.+)$", _BLOCK.sub("", document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    known = {path.resolve() for path in tracked()} | {parent.resolve() for path in tracked() for parent in path.parents}
    dead = []
    for link in _LINK.findall(_BLOCK.sub("", text(document))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document.resolve()
        if target not in known or (anchor and anchor not in anchors(text(target))):
            dead.append(link)
    assert dead == [], "Mend the link, or commit what it leads to."


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_path_of_the_code_is_there(document: Path) -> None:
    paths = re.findall(r"`((?:siyu|tests|benchmarks)/[\w./-]+\.\w+)`", text(document))
    assert [path for path in paths if not (ROOT / path).exists()] == []


def blocks() -> Iterator[tuple[str, str]]:
    for document in DOCUMENTS:
        yield from ((name(document), body) for kind, body in _BLOCK.findall(text(document)) if kind == "graphql")


@pytest.mark.parametrize(("document", "example"), list(blocks()))
def test_every_graphql_example_is_valid(document: str, example: str) -> None:
    rules = [rule for rule in specified_rules if rule is not LoneAnonymousOperationRule]
    assert validate(build()._schema, parse(example), rules) == []


def test_every_document_can_be_found_from_the_readme() -> None:
    found, waiting = set(), [README]
    while waiting:
        document = waiting.pop()
        if document in found:
            continue
        found.add(document)
        for link in _LINK.findall(text(document)):
            target = (document.parent / link.partition("#")[0]).resolve()
            waiting += sorted(target.glob("*.md")) if target.is_dir() else [target] if target.suffix == ".md" and target.exists() else []
    assert [name(path) for path in DOCUMENTS if path not in found] == []


def commands(command: object, path: tuple[str, ...]) -> Iterator[str]:
    below: dict[str, object] = getattr(command, "commands", {})
    for key, each in below.items():
        yield from commands(each, (*path, key))
    if not below:
        yield " ".join(path)


def test_every_command_is_mentioned() -> None:
    written = "\n".join(map(text, DOCUMENTS))
    there = list(commands(typer.main.get_command(app), ("siyu",)))
    assert len(there) > 10
    assert [each for each in there if each not in written] == []


def test_every_command_that_is_mentioned_is_there() -> None:
    there = {each.split()[1] for each in commands(typer.main.get_command(app), ("siyu",))}
    named = {found for document in DOCUMENTS for found in re.findall(r"`(?:\.venv/bin/)?siyu ([a-z-]+)", text(document))}
    assert sorted(named - there) == []


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("docs/settings.md", [str(field.validation_alias) for field in Settings.model_fields.values()]),
        ("docs/partners.md", [*map(str, Scope), *map(str, Role)]),
        ("docs/frontend.md", [*map(str, Code), *map(str, Reason), "BAD_REQUEST", "INTERNAL"]),
    ],
)
def test_every_one_is_documented(document: str, words: list[str]) -> None:
    written = text(ROOT / document)
    assert [word for word in words if f"`{word}`" not in written] == []
