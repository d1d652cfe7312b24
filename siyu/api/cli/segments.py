"""`siyu segments`: what segments there are, what they come to, why somebody is in one, and whether a rule is right."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from siyu.api.cli.asking import AsStaff, Token, asked, calling
from siyu.api.cli.first import EMAIL
from siyu.api.cli.terminal import AsJson, answer, err, out, plainly, progress, run, settings
from siyu.domain import work
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.settings import Settings
from siyu.domain.work import WorkState
from siyu.jobs import ring
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import NotFound
from siyu.schema import relay

app = typer.Typer(no_args_is_help=True, help="Segments: look at them, evaluate them, explain them, check a rule.")

_OVER: Final = frozenset({WorkState.SUCCEEDED, WorkState.FAILED, WorkState.CANCELLED})
_PAGE: Final = """query ($after: String) { segments(first: 100, after: $after) {
  nodes { code name kind customersCount evaluatedAt stale failure } pageInfo { hasNextPage endCursor } } }"""
_ONE: Final = """query ($code: String!) { segment(code: $code) {
  code name description kind expression ruleVersion customersCount evaluatedAt evaluationMilliseconds stale failure
  insight { orders revenue { amount currency } averageOrderValue { amount } repeatPurchaseRate byLifecycle { stage count } }
  drops { at ratio condition share } dependants { __typename ... on Segment { code } ... on Tag { name } } } }"""
_ID: Final = "query ($code: String!) { segment(code: $code) { id } }"
_EVALUATE: Final = """mutation ($id: ID!) { segmentEvaluate(input: { id: $id }) {
  job { id } userErrors { field message } } }"""
_CUSTOMER: Final = "query ($identity: IdentityInput!) { customer(identity: $identity) { id } }"
_EXPLAIN: Final = """query ($code: String!, $customer: ID!) { segment(code: $code) {
  code explain(customer: $customer) { member override nodes { path condition matched actual } } } }"""
_CHECK: Final = """query ($rule: SegmentRuleInput, $expression: String) { segmentRule(rule: $rule, expression: $expression) {
  valid rule { tree expression } problems { path message line column warning } } }"""

Code = Annotated[str, typer.Argument(help="The segment's code.")]


@app.callback()
def segments() -> None:
    """Segments: look at them, evaluate them, explain them, check a rule."""


@app.command("show")
@plainly
def show(
    code: Annotated[str, typer.Argument(help="The segment's code; all of them when left out.")] = "",
    token: Token = "",
    as_staff: AsStaff = EMAIL,
    as_json: AsJson = False,
) -> None:
    """Show the segments there are, or what one of them comes to."""
    if code:
        one = run(_one(settings(), token, as_staff, code, _ONE))
        answer(one) if as_json else _show_one(one)
    else:
        all_ = run(_all(settings(), token, as_staff))
        answer(all_) if as_json else _show_all(all_)


@app.command("evaluate")
@plainly
def evaluate(code: Code, token: Token = "", as_staff: AsStaff = EMAIL, as_json: AsJson = False) -> None:
    """Apply a segment's rule to everybody now. Ends with 1 when it failed; the last good members stay."""
    with progress(f"Evaluating {code}", quiet=as_json) as told:
        one = run(_evaluated(settings(), token, as_staff, code, told))
    answer(one) if as_json else out.print(f"{one['customersCount']:,} customers in {escape(code)}.")
    if one["failure"]:
        err.print(f"[red]{escape(one['failure'])}[/]")
        raise typer.Exit(1)


@app.command("explain")
@plainly
def explain(
    code: Code,
    customer: Annotated[str, typer.Argument(help="A customer: an id, or KIND:VALUE as in PHONE:13800001111, EXTERNAL_ID:C-1.")],
    token: Token = "",
    as_staff: AsStaff = EMAIL,
    as_json: AsJson = False,
) -> None:
    """Say why a customer is in a segment or not: each condition, whether it holds, and the value that decided it."""
    told = run(_explained(settings(), token, as_staff, code, customer))
    answer(told) if as_json else _show_explanation(code, told)


@app.command("check")
@plainly
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A rule as text, or as JSON in a file *.json.")],
    token: Token = "",
    as_staff: AsStaff = EMAIL,
    as_json: AsJson = False,
) -> None:
    """Check a rule and print it in its usual spelling. Ends with 1 when something is wrong with it; what is only odd is a warning."""
    text = file.read_text(encoding="utf-8")
    given: dict[str, object] = {"rule": _tree(file, text)} if file.suffix.lower() == ".json" else {"expression": text}
    checked = run(_checked(settings(), token, as_staff, given))
    if as_json:
        answer(checked)
    else:
        for each in checked["problems"]:
            place = f"{each['line']}:{each['column']}: " if each["line"] else f"{each['path']}: " if each["path"] else ""
            err.print(f"[{'yellow' if each['warning'] else 'red'}]{escape(f'{file}:{place}')}[/]{escape(each['message'])}", soft_wrap=True)
        if checked["valid"]:
            out.print(checked["rule"]["expression"], soft_wrap=True, markup=False)
    if not checked["valid"]:
        raise typer.Exit(1)


def _tree(file: Path, text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise typer.BadParameter(f"{file} holds no JSON") from None


async def _all(found: Settings, token: str, as_staff: str) -> list[dict[str, Any]]:
    async with calling(found, token, as_staff) as (_, caller):
        nodes: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            page = (await asked(caller, _PAGE, after=after))["segments"]
            nodes += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return nodes
            after = page["pageInfo"]["endCursor"]


async def _one(found: Settings, token: str, as_staff: str, code: str, document: str, **more: object) -> dict[str, Any]:
    async with calling(found, token, as_staff) as (_, caller):
        return await _segment(caller, code, document, **more)


async def _segment(caller: Actor, code: str, document: str, **more: object) -> dict[str, Any]:
    one: dict[str, Any] | None = (await asked(caller, document, code=code, **more))["segment"]
    if one is None:
        raise NotFound(f"There is no segment {code}.")
    return one


async def _evaluated(found: Settings, token: str, as_staff: str, code: str, told: Callable[[int, int | None], None]) -> dict[str, Any]:
    async with calling(found, token, as_staff) as (house, caller):
        segment = await _segment(caller, code, _ID)
        job = (await asked(caller, _EVALUATE, id=segment["id"]))["segmentEvaluate"]["job"]
        if job is not None:
            await _finish(house, caller, job["id"], told)
        return await _segment(caller, code, _ONE)


async def _finish(house: House, caller: Actor, job: str, told: Callable[[int, int | None], None]) -> None:
    """Run the job here as often as it comes due, until it is over; one that somebody else holds is left to them."""
    work_id = relay.decode("Job", job)
    while True:
        await ring.run(work_id, house)
        state = await work.find(caller, work_id)
        assert state is not None, "work stays known"
        told(state.done, state.total)
        if state.state in _OVER:
            return
        await asyncio.sleep(1)


async def _explained(found: Settings, token: str, as_staff: str, code: str, customer: str) -> dict[str, Any]:
    async with calling(found, token, as_staff) as (_, caller):
        if relay.split(customer) is None:
            kind, _, value = customer.partition(":")
            named = (await asked(caller, _CUSTOMER, identity={"kind": kind, "value": value}))["customer"]
            if named is None:
                raise NotFound("There is no such customer.")
            customer = named["id"]
        explanation: dict[str, Any] = (await _segment(caller, code, _EXPLAIN, customer=customer))["explain"]
        return explanation


async def _checked(found: Settings, token: str, as_staff: str, given: dict[str, object]) -> dict[str, Any]:
    async with calling(found, token, as_staff) as (_, caller):
        checked: dict[str, Any] = (await asked(caller, _CHECK, **given))["segmentRule"]
        return checked


def _show_all(found: list[dict[str, Any]]) -> None:
    table = Table("code", "name", "kind", "customers", "evaluated", "")
    for each in found:
        note = each["failure"] or ("stale" if each["stale"] else "")
        row = (each["code"], each["name"], each["kind"], f"{each['customersCount']:,}", each["evaluatedAt"] or "never", note)
        table.add_row(*map(escape, row))
    out.print(table if found else "There are no segments.")


def _show_one(one: dict[str, Any]) -> None:
    out.print(f"[bold]{escape(one['name'])}[/]  {escape(one['code'])}  {one['kind'].lower()}, {one['customersCount']:,} customers")
    if one["expression"]:
        out.print(one["expression"], soft_wrap=True, markup=False)
    insight = one["insight"]
    mean, again = insight["averageOrderValue"], insight["repeatPurchaseRate"]
    out.print(f"{insight['orders']:,} orders, {insight['revenue']['amount']} {insight['revenue']['currency']}", end="")
    out.print(f", {mean['amount']} each" if mean else "", end="")
    out.print(f", {again:.0%} bought again" if again is not None else "")
    out.print(", ".join(f"{each['count']:,} {each['stage'].lower()}" for each in insight["byLifecycle"]))
    out.print(f"evaluated {one['evaluatedAt'] or 'never'}{', stale' if one['stale'] else ''}")
    if one["failure"]:
        out.print(f"[red]{escape(one['failure'])}[/]", soft_wrap=True)
    for drop in one["drops"]:
        by = f": {drop['condition']}" if drop["condition"] else ""
        out.print(f"[yellow]{drop['at']} lost {drop['ratio']:.0%}[/]{escape(by)}", soft_wrap=True)
    if one["dependants"]:
        out.print(f"used by {escape(', '.join(each.get('code') or each.get('name') or '' for each in one['dependants']))}", soft_wrap=True)


def _show_explanation(code: str, told: dict[str, Any]) -> None:
    decided = f", {told['override'].lower()}d by hand" if told["override"] else ""
    out.print(f"[bold]{'In' if told['member'] else 'Not in'} {escape(code)}[/]{decided}")
    for node in told["nodes"]:
        mark = "[green]yes[/]" if node["matched"] else "[red]no[/] "
        depth = 2 * sum(not step.isdigit() for step in node["path"].split(".") if step)
        actual = "" if node["actual"] is None else f"  [dim]{escape(orjson.dumps(node['actual']).decode())}[/]"
        out.print(f"{mark} {' ' * depth}{escape(node['condition'])}{actual}", soft_wrap=True)
