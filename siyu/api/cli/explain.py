"""`siyu explain`: what an operation would do, without doing it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, NoReturn

import orjson
import typer
from graphql import GraphQLError
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table

from siyu import schema
from siyu.api import auth, limits, process
from siyu.api.cli.terminal import AsJson, answer, err, out, plainly, run, settings
from siyu.domain.kernel import boot
from siyu.domain.kernel.settings import Settings
from siyu.privacy.actor import ROLE_PURPOSE, ROLE_SCOPES, Actor, ActorKind, Role
from siyu.schema.context import Context
from siyu.schema.documents import Document, Documents, Operation
from siyu.schema.plans import Costs, Planner
from siyu.schema.plans.cost import Part
from siyu.schema.plans.describe import describe
from siyu.schema.plans.steps import Description, Step

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A GraphQL document.")]
Variables = Annotated[str, typer.Option("--variables", help="JSON, or @FILE that holds it.")]
Name = Annotated[str, typer.Option("--operation", help="Which operation, where the document has several.")]
Token = Annotated[str, typer.Option("--token", envvar="SIYU_TOKEN", help="The access token that would send it.")]
AsRole = Annotated[Role | None, typer.Option("--role", case_sensitive=False, help="Instead of a token: staff of this role.")]
Purpose = Annotated[str, typer.Option("--purpose", help="With --role: the purpose, where it isn't the role's own.")]


@dataclass(frozen=True, slots=True)
class Told:
    """All that is printed."""

    description: Description
    cost: int
    limit: int
    parts: list[Part]


@plainly
def explain(
    file: File,
    variables: Variables = "{}",
    operation: Name = "",
    token: Token = "",
    role: AsRole = None,
    purpose: Purpose = "",
    as_json: AsJson = False,
) -> None:
    """Show what an operation would do, without running it: statements, columns, what is opened or denied, what it costs.

    Values are never shown: in statements a mark stands for each.
    """
    if not token and role is None:
        raise typer.BadParameter("say who would send it: --token SECRET, or --role ADMIN")
    raw, found = _variables(variables), settings()
    documents = Documents(schema.build()._schema, _rules(found), found.query_tokens_max)
    document, chosen = _document(documents, file, operation)
    told = run(_told(found, document, chosen, raw, token, role, purpose))
    answer(_plain(told)) if as_json else _show(told)


def _rules(found: Settings) -> tuple[type, ...]:
    return limits.rules(limits.Limits(found.query_depth_max, found.query_aliases_max))


def _variables(given: str) -> dict[str, object]:
    try:
        read = orjson.loads(Path(given[1:]).read_bytes() if given.startswith("@") else given)
    except (OSError, orjson.JSONDecodeError):
        raise typer.BadParameter("--variables holds no JSON") from None
    if not isinstance(read, dict):
        raise typer.BadParameter("--variables must be a JSON object")
    return read


def _document(documents: Documents, file: Path, name: str) -> tuple[Document, Operation]:
    try:
        document = documents.get(file.read_text(encoding="utf-8"))
        chosen = document.operation(name or None)
    except GraphQLError as error:
        _wrong(file, [error])
    if document.errors:
        _wrong(file, list(document.errors))
    return document, chosen


def _wrong(file: Path, errors: list[GraphQLError]) -> NoReturn:
    for each in errors:
        places = [f":{place.line}:{place.column}" for place in each.locations or ()] or [""]
        err.print(f"[red]{escape(f'{file}{places[0]}: {each.message}')}[/]", soft_wrap=True)
    raise typer.Exit(1)


async def _told(
    found: Settings, document: Document, operation: Operation, raw: dict[str, object], token: str, role: Role | None, purpose: str
) -> Told:
    await process.made_current(found)
    async with boot.running(found):
        if role is not None:
            caller = Actor(ActorKind.STAFF, None, f"explain:{role.lower()}", ROLE_SCOPES[role], purpose or ROLE_PURPOSE[role])
        else:
            caller = await auth.required(f"Bearer {token}", request="explain")
        planner = Planner(schema.build())
        price = Costs(planner.core).price(document, operation, raw)
        description = await describe(planner, document, operation, raw, Context(caller=caller, correlation="explain"))
        return Told(description, price.total(raw), found.query_cost_max, price.parts(raw))


def _plain(told: Told) -> dict[str, object]:
    return {
        "steps": [{**asdict(each), "path": ".".join(each.path)} for each in told.description.steps],
        "engine": told.description.engine,
        "cost": {
            "requested": told.cost,
            "limit": told.limit,
            "parts": [{**asdict(each), "path": ".".join(each.path)} for each in told.parts],
        },
    }


def _show(told: Told) -> None:
    for step in told.description.steps:
        _show_step(step)
    for at, why in told.description.engine.items():
        out.print(f"[yellow]The engine answers[/] {escape(at or 'all of it')}: {escape(why)}")
    table = Table("field", "below each of", "objects", "cost", title=f"Cost {told.cost:,} of {told.limit:,}", title_justify="left")
    for part in told.parts:
        table.add_row(".".join(part.path), f"{part.parents:,}", f"{part.each:,}", f"{part.cost:,}")
    out.print(table)
    if told.cost > told.limit:
        out.print("[red]Refused as TOO_COMPLEX: ask for smaller pages.[/]")


def _show_step(step: Step) -> None:
    out.print(f"[bold]{'.'.join(step.path)}[/]  {step.noun}{f'  [dim]{escape(step.note)}[/]' if step.note else ''}")
    for sql in step.sql:
        out.print(Syntax(sql, "sql", word_wrap=True, background_color="default", padding=(0, 2)))
    if step.columns:
        out.print(f"  columns  {', '.join(step.columns)}", soft_wrap=True)
    if step.opened:
        out.print(f"  opened   [magenta]{', '.join(step.opened)}[/]", soft_wrap=True)
    for each in step.denied:
        out.print(f"  denied   [red]{'.'.join(each.path)}[/]  {each.reason} {each.scope or ''}", soft_wrap=True)
    out.print()
