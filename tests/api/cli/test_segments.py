"""`siyu segments`, as a person and as a script read it."""

from __future__ import annotations

import json
from pathlib import Path

import uvloop

from siyu.api import process
from siyu.api.cli import first
from siyu.domain import rules
from siyu.domain.customers import LifecycleStage
from siyu.domain.customers.tables import Customer
from siyu.domain.kernel import boot
from siyu.domain.kernel.settings import Settings
from siyu.domain.segments.tables import Segment
from siyu.schema.relay import encode
from tests.api.cli.calling import siyu, told
from tests.domain.segments.crowd import people, segment

CITY = rules.Rule(profile=rules.ProfileCondition(field=rules.ProfileField.CITY, is_=rules.Comparison.EQ, values=["杭州"]))


async def _prepared() -> str:
    """Two in the city, whom nobody has put into its segment yet, and one elsewhere; that one's id."""
    await process.made_current(Settings())
    async with boot.running(Settings()) as house:
        await first.start(house)
        near, far = await people(LifecycleStage.NEW, 2, orders=1, spent=10), await people(LifecycleStage.NEW, 1)
        await Customer.filter(id__in=near).update(city="杭州")
        row = await segment("hangzhou")
        await Segment.filter(id=row.id).update(rule=rules.stored(CITY), expression=rules.condition_text(CITY), due=True)
        return encode("Customer", far[0])


def test_segments_are_shown_evaluated_explained_and_rules_checked(tmp_path: Path) -> None:
    stranger = uvloop.run(_prepared())
    assert "stale" in siyu("segments", "show").stdout
    one = told("segments", "evaluate", "hangzhou")
    assert (one["customersCount"], one["insight"]["orders"], one["stale"]) == (2, 2, False)
    assert "2 orders, 20.00 CNY, 10.00 each, 0% bought again" in siyu("segments", "show", "hangzhou").stdout
    found = told("segments", "explain", "hangzhou", stranger)
    assert (found["member"], found["nodes"][0]["matched"], found["nodes"][0]["actual"]) == (False, False, None)
    assert "no segment beijing" in siyu("segments", "explain", "beijing", stranger, code=1).stderr
    assert "no such customer" in siyu("segments", "explain", "hangzhou", "EXTERNAL_ID:nobody", code=1).stderr

    file, tree = tmp_path / "rule.txt", tmp_path / "rule.json"
    tree.write_text(json.dumps(rules.stored(CITY)), encoding="utf-8")
    checked = told("segments", "check", str(tree))
    assert (checked["valid"], checked["rule"]["tree"]) == (True, rules.stored(CITY))
    file.write_text(checked["rule"]["expression"], encoding="utf-8")
    assert siyu("segments", "check", str(file)).stdout.strip() == checked["rule"]["expression"]
    file.write_text("consent(\n  'nothing'", encoding="utf-8")
    assert f"{file}:2:" in siyu("segments", "check", str(file), code=1).stderr.replace("\n", "")
    tree.write_text("{", encoding="utf-8")
    siyu("segments", "check", str(tree), code=2)
