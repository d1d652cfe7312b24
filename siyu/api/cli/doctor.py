"""`siyu doctor`: what is configured, what is missing, what is wrong."""

from __future__ import annotations

import platform
import stat
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.metadata import version

import typer
from redis.exceptions import RedisError
from rich.table import Table

from siyu import __version__
from siyu.api.cli.terminal import AsJson, answer, out, plainly, run, settings
from siyu.domain import staff
from siyu.domain.kernel import boot, database, migrating, outbox
from siyu.domain.kernel.database import Connection
from siyu.domain.kernel.settings import Settings
from siyu.jobs import queue
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.custodian.custodian import CustodyError

_LIBRARIES = ("strawberry-graphql", "graphql-core", "tortoise-orm", "starlette", "uvicorn", "arq", "cryptography")
_DOCTOR = Actor.worker("doctor", Scope.STAFF_READ)


class Health(StrEnum):
    """How a thing is. Only BAD makes the command fail."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what to do about it where it is not good."""

    about: str
    health: Health
    told: str


def _good(about: str, told: str) -> Finding:
    return Finding(about, Health.GOOD, told)


def _note(about: str, told: str) -> Finding:
    return Finding(about, Health.NOTE, told)


def _bad(about: str, told: str) -> Finding:
    return Finding(about, Health.BAD, told)


def _versions(_: Settings) -> Finding:
    return _good(
        "versions",
        f"siyu {__version__}, Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in _LIBRARIES),
    )


def _mode(found: Settings) -> Finding:
    if found.embedded:
        return _good("mode", "embedded: one process with SQLite and a Redis-protocol server of its own")
    missing = [name for name, url in (("DATABASE_URL", found.database_url), ("KEYSTORE_URL", found.keystore_url)) if not url]
    if missing:
        return _bad("mode", f"{' and '.join(missing)} not set, so SQLite in {found.data_dir} stands in; set all three URLs")
    return _good("mode", "databases by URL" + ("" if found.redis_url else "; no REDIS_URL, so `siyu serve` runs the jobs itself"))


def _apart(found: Settings) -> Finding:
    if found.main_database == found.keystore_database:
        return _bad(
            "key store", "is the main database: a backup of it would bring shredded keys back; give KEYSTORE_URL a database of its own"
        )
    return _good("key store", "a database of its own")


def _folder(found: Settings) -> Finding:
    if not found.data_dir.exists():
        return _note("data folder", f"{found.data_dir} is made at the first start")
    if stat.S_IMODE(found.data_dir.stat().st_mode) & 0o077:
        return _bad("data folder", f"others can look into {found.data_dir}: chmod 700 it")
    return _good("data folder", str(found.data_dir))


def _exposure(found: Settings) -> Finding:
    if found.host not in {"127.0.0.1", "localhost", "::1"} and not found.metrics_token.get_secret_value():
        return _note(
            "metrics", "other machines can reach the API, and /metrics answers this one only: set SIYU_METRICS_TOKEN to read it from there"
        )
    return _good("metrics", "asks for a token" if found.metrics_token.get_secret_value() else "answers callers on this machine")


_SAID: tuple[Callable[[Settings], Finding], ...] = (_versions, _mode, _apart, _folder, _exposure)


async def _database(on: Connection, name: str) -> Finding:
    sql = "select version()" if database.dialect(on) == "postgres" else "select 'SQLite ' || sqlite_version()"
    return _good(name, str((await database.rows(sql, on=on))[0][0]).split(" on ")[0])


async def _redis(found: Settings) -> Finding:
    if not found.redis_url:
        return _good("queue", "comes with `siyu serve`")
    client = queue.redis(found.redis_url)
    try:
        told = await client.info("server")
    except (RedisError, OSError) as error:
        return _bad("queue", f"REDIS_URL does not answer ({type(error).__name__}); jobs wait in the outbox meanwhile")
    finally:
        await client.aclose(close_connection_pool=True)
    return _good("queue", f"{told.get('server_name', 'redis')} {told.get('valkey_version', told.get('redis_version'))}")


async def _pending(found: Settings) -> Finding:
    waiting = await migrating.pending(found)
    return _bad("migrations", f"{len(waiting)} pending: run `siyu migrate`") if waiting else _good("migrations", "up to date")


async def _opened(found: Settings) -> AsyncIterator[Finding]:
    """What can only be said with the keys in hand."""
    try:
        async with boot.running(found) as house:
            told = house.keyring.custodian.describe()
            yield _good("key custody", ", ".join(f"{key} {value}" for key, value in told.items()))
            backlog = await outbox.backlog()
            waits = f"{backlog.waiting} wait, the oldest due for {backlog.oldest_seconds:.0f} s; {backlog.failed} failed for good"
            yield (_bad if backlog.oldest_seconds > 300 else _note if backlog.failed else _good)("jobs", waits)
            anybody = await staff.anybody(_DOCTOR)
            yield (
                _good("staff", "there")
                if anybody
                else _note("staff", "nobody yet: `siyu staff create`, or the first `siyu serve`, makes an administrator")
            )
    except CustodyError as error:
        yield _bad("key custody", str(error))


async def _examine(found: Settings) -> list[Finding]:
    findings = [look(found) for look in _SAID]
    findings.append(await _redis(found))
    try:
        async with boot.connected(found):
            findings += [await _database("default", "database"), await _database("keystore", "key store's database")]
        migrations = await _pending(found)
    except boot.Unreachable as error:
        return [*findings, _bad("databases", str(error))]
    findings.append(migrations)
    if migrations.health is Health.GOOD:
        findings += [finding async for finding in _opened(found)]
    return findings


_COLOUR = {Health.GOOD: "green", Health.NOTE: "yellow", Health.BAD: "red"}


@plainly
def doctor(as_json: AsJson = False) -> None:
    """Look at everything that Siyu needs. Exit code 1 when something is bad."""
    findings = run(_examine(settings()))
    if as_json:
        answer([asdict(finding) for finding in findings])
    else:
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for finding in findings:
            table.add_row(f"[{_COLOUR[finding.health]}]{finding.health}[/]", finding.about, finding.told)
        out.print(table)
    if any(finding.health is Health.BAD for finding in findings):
        raise typer.Exit(1)
