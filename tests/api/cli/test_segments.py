"""`siyu segments`, as a person and as a script read it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import uvloop

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
    async with boot.running(Settings()):
        near, far = await people(LifecycleStage.NEW, 2, orders=1, spent=10), await people(LifecycleStage.NEW, 1)
        await Customer.filter(id__in=near).update(city="杭州")
        row = await segment("hangzhou")
        await Segment.filter(id=row.id).update(rule=rules.stored(CITY), expression=rules.condition_text(CITY), due=True)
        return encode("Customer", far[0])


@pytest.fixture
def stranger() -> str:
    told("staff", "create", "admin@example.com")
    return uvloop.run(_prepared())


def test_a_segment_is_evaluated_shown_and_explained(stranger: str) -> None:
    (before,) = told("segments", "show")
    assert (before["code"], before["customersCount"], before["stale"]) == ("hangzhou", 0, True)
    assert "stale" in siyu("segments", "show").stdout
    assert told("segments", "evaluate", "hangzhou")["customersCount"] == 2
    one = told("segments", "show", "hangzhou")
    assert (one["insight"]["orders"], one["insight"]["revenue"]["amount"], one["stale"]) == (2, "20.00", False)
    shown = siyu("segments", "show", "hangzhou").stdout
    assert "2 orders, 20.00 CNY, 10.00 each, 0% bought again" in shown
    found = told("segments", "explain", "hangzhou", stranger)
    assert (found["member"], found["nodes"][0]["matched"], found["nodes"][0]["actual"]) == (False, False, None)
    assert "Not in hangzhou" in siyu("segments", "explain", "hangzhou", stranger).stdout
    assert "no segment beijing" in siyu("segments", "explain", "beijing", stranger, code=1).stderr
    assert "no such customer" in siyu("segments", "explain", "hangzhou", "EXTERNAL_ID:nobody", code=1).stderr


def test_a_rule_in_a_file_is_checked(stranger: str, tmp_path: Path) -> None:
    file, tree = tmp_path / "rule.txt", tmp_path / "rule.json"
    file.write_text("city   =\n'杭州'", encoding="utf-8")
    tree.write_text(json.dumps(rules.stored(CITY)), encoding="utf-8")
    checked = told("segments", "check", str(tree))
    assert (checked["valid"], checked["rule"]["tree"]) == (True, rules.stored(CITY))
    file.write_text(checked["rule"]["expression"], encoding="utf-8")
    assert siyu("segments", "check", str(file)).stdout.strip() == checked["rule"]["expression"]
    file.write_text("consent(\n  'nothing'", encoding="utf-8")
    assert f"{file}:2:" in siyu("segments", "check", str(file), code=1).stderr.replace("\n", "")
    tree.write_text("{", encoding="utf-8")
    siyu("segments", "check", str(tree), code=2)
