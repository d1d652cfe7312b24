"""Sums of the orders that were there before sums were kept.

Hand written. Only adds: an older process that still runs reads and writes its own columns as before. Orders that it writes, and all that
were there, wait to be converted (`orders.worth_currency` is null); the scheduled job `tend_orders` does so soon after the start and
works the sums of their customers out anew, so that what an older process wrote meanwhile is in them too.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

_ID = {
    "postgres": "gen_random_uuid()",
    "sqlite": (
        "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8' ||"
        " substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"
    ),
}
_NOW = {"postgres": "now()", "sqlite": "strftime('%Y-%m-%d %H:%M:%S', 'now') || '.000000+00:00'"}
_COUNTED = "'PLACED', 'PAID', 'FULFILLED', 'PARTLY_REFUNDED'"


async def fill(apps: StateApps, editor: BaseSchemaEditor) -> None:
    """One statement. Nothing is converted yet: amounts are kept apart by currency."""
    dialect = editor.client.capabilities.dialect
    await editor.client.execute_script(
        "insert into order_sums (id, created_at, customer_id, currency, orders_count, spent_e4, unconverted_count, unconverted_e4, worth_e4)"  # noqa: S608  # our own words only
        f" select {_ID[dialect]}, {_NOW[dialect]}, s.* from (select customer_id, currency, count(*), sum(total_e4 - refunded_e4),"
        f" count(*) as n, sum(total_e4 - refunded_e4) as left_e4, 0 from orders where status in ({_COUNTED}) group by customer_id, currency) s"
        " where true on conflict (customer_id, currency) do nothing"
    )


class Migration(migrations.Migration):
    dependencies = [("siyu", "0002_collection")]

    operations = [ops.RunPython(fill)]
