"""On the real orders, scores are what a plain computation in polars gives."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from siyu.domain import scoring
from siyu.domain.customers.tables import NEVER
from siyu.domain.kernel import clock, database, ids
from siyu.domain.kernel.boot import House
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.scoring.rules import DEFAULT
from siyu.domain.scoring.tables import RfmScore
from tests.domain.scoring.bought import WORKER

ORDERS = Path(__file__).parents[4] / "shared" / "data" / "orders.csv"
#: Of a zone whose days are not all of 24 hours.
ZONE = ZoneInfo("America/New_York")

if not ORDERS.exists():
    pytest.skip(f"{ORDERS} is not there: the real files are not part of the repository", allow_module_level=True)


def said(today: date) -> pl.DataFrame:
    """The file's last 400 days, moved in time by whole days so that the last orders are of today."""
    found = pl.read_csv(ORDERS, schema_overrides={"amount_usd": pl.String}).with_columns(
        day=pl.col("ordered_on").str.to_date(),
        amount_e4=(pl.col("amount_usd").cast(pl.Decimal(18, 4)) * 10_000).cast(pl.Int64),
    )
    newest = found["day"].max()
    assert isinstance(newest, date)
    return found.with_columns(day=pl.col("day") + (today - newest)).filter(pl.col("day") >= today - timedelta(days=400))


def expected(frame: pl.DataFrame, today: date) -> dict[str, tuple[int, int, int, str]]:
    """Ranks from the lowest of equal ones, in five parts."""
    people = (
        frame.filter(pl.col("day") >= today - timedelta(days=DEFAULT.window_days))
        .group_by("member_no")
        .agg(recency=pl.col("day").max(), frequency=pl.len(), monetary=pl.col("amount_e4").sum())
    )
    scored = people.select(
        "member_no",
        *((1 + 5 * (pl.col(axis).rank("min").cast(pl.Int64) - 1) // pl.len()).alias(axis) for axis in ("recency", "frequency", "monetary")),
    )
    return {name: (r, f, m, DEFAULT.group_of((r, f, m))) for name, r, f, m in scored.iter_rows()}


async def put(table: str, given: dict[str, Kind], rows: list[tuple[object, ...]], **same: object) -> None:
    """Rows of these columns, and of others that are the same in all."""
    for start in range(0, len(rows), 20_000):
        statement = Statement(database.dialect())
        listed = statement.table("g", given, rows[start : start + 20_000])
        values = ", ".join(statement.bind(value, Kind.DATETIME if isinstance(value, datetime) else None) for value in same.values())
        await database.run(
            f"insert into {table} ({', '.join(given)}, {', '.join(same)}) select {', '.join(given)}, {values} from {listed}", statement.args
        )


async def test_scores_of_the_real_orders_are_those_of_polars(house: House) -> None:
    house.settings = house.settings.model_copy(update={"timezone": str(ZONE)})
    now = clock.now()
    today = now.astimezone(ZONE).date()
    frame = said(today)
    people = {name: ids.uuid7() for name in frame["member_no"].unique(maintain_order=True)}
    made = {"created_at": now, "updated_at": now}
    sums = {"orders_count": 1, "spent_e4": 0, "spent_currency": "CNY", "last_ordered_or_never": NEVER}
    await put("customers", {"id": Kind.ID}, [(key,) for key in people.values()], **made, **sums)
    orders: list[tuple[object, ...]] = []
    for n, (number, name, day, amount) in enumerate(frame.select("order_no", "member_no", "day", "amount_e4").iter_rows()):
        # At any hour of its day, the first and the last minute among them.
        at = datetime.combine(day, time((n * 7) % 24, (n * 59) % 60), ZONE)
        orders.append((ids.uuid7(), people[name], number, amount, amount, at))
    columns = {
        "id": Kind.ID, "customer_id": Kind.ID, "external_id": Kind.TEXT, "total_e4": Kind.INT, "worth_e4": Kind.INT,
        "placed_at": Kind.DATETIME,
    }  # fmt: skip
    same = {"status": "PAID", "refunded_e4": 0, "currency": "CNY", "worth_currency": "CNY", "items_count": 1}
    await put("orders", columns, orders, **made, **same)
    want = expected(frame, today)
    assert {score for cell in want.values() for score in cell[:3]} == {1, 2, 3, 4, 5}
    assert await scoring.score(WORKER) == len(want) > 8_000
    names = {key: name for name, key in people.items()}
    got = {names[row.customer_id]: (row.recency, row.frequency, row.monetary, row.group_name) for row in await RfmScore.all()}
    assert got == want
