from __future__ import annotations

from uuid import UUID

import pytest

from siyu.domain.imports.drafts import draft_of
from siyu.domain.imports.matching import Draft, ImportMode, Key, Outcome, Plan, plan

A, B = UUID(int=1), UUID(int=2)
NEW = UUID(int=100)
M1, M2, X1 = Key("MEMBER_NO", "M1"), Key("MEMBER_NO", "M2"), Key("MEMBER_NO", "X1")
P1, E1 = Key("PHONE", "+8613800001111"), Key("EMAIL", "a@qq.com")
ALL = ("PHONE", "EMAIL", "MEMBER_NO")


def _plan(
    *drafts: Draft, owners: dict[Key, UUID] | None = None, match_on: tuple[str, ...] = ALL, mode: ImportMode = ImportMode.UPSERT
) -> Plan:
    made = iter(UUID(int=number) for number in range(100, 200))
    return plan(drafts, owners or {}, match_on=match_on, mode=mode, new_id=lambda: next(made))


def _outcomes(found: Plan) -> list[Outcome]:
    return [verdict.outcome for verdict in found.verdicts]


def test_a_second_card_is_another_number_of_one_customer() -> None:
    found = _plan(
        Draft(2, (M1, P1), {"display_name": "姜龙", "city": "武汉"}, ("喜欢辣味",)),
        Draft(3, (X1, P1), {"display_name": "姜**", "city": "北京", "province": "湖北"}, ("重复办卡",)),
    )
    (person,) = found.people
    assert (person.id, person.new, person.keys) == (NEW, True, [M1, P1, X1])
    assert person.values == {"display_name": "姜龙", "city": "武汉"}
    assert person.fills == {"province": "湖北"}
    assert person.notes == ["喜欢辣味", "重复办卡"]
    assert _outcomes(found) == [Outcome.CREATED, Outcome.UPDATED]


def test_a_second_card_after_the_first_was_stored_only_fills() -> None:
    (person,) = _plan(Draft(3, (X1, P1), {"display_name": "姜**", "city": "北京"}), owners={M1: A, P1: A}).people
    assert (person.id, person.new, person.keys) == (A, False, [X1])
    assert (person.values, person.fills) == ({}, {"display_name": "姜**", "city": "北京"})


def test_the_own_number_or_none_replaces_but_a_masked_name_never_does() -> None:
    for keys in ((M1, P1), (P1,)):
        (person,) = _plan(Draft(2, keys, {"display_name": "姜**", "city": "北京"}), owners={M1: A, P1: A}).people
        assert (person.values, person.fills) == ({"city": "北京"}, {"display_name": "姜**"})


def test_identities_of_two_customers_join_neither() -> None:
    found = _plan(Draft(2, (M1, P1), {}), owners={M1: A, P1: B})
    assert (found.people, _outcomes(found)) == ((), [Outcome.REJECTED])
    assert (
        found.verdicts[0].message
        == "The member number and the phone number belong to two different customers: merge them, or correct the row."
    )


def test_rows_of_one_file_conflict_too() -> None:
    found = _plan(Draft(2, (M1, P1), {}), Draft(3, (M2, E1), {}), Draft(4, (P1, E1), {}))
    assert _outcomes(found) == [Outcome.CREATED, Outcome.CREATED, Outcome.REJECTED]


def test_a_row_with_nothing_to_match_on_is_refused() -> None:
    found = _plan(Draft(2, (E1,), {"display_name": "张三"}), Draft(3, (), {}), match_on=("PHONE",))
    assert _outcomes(found) == [Outcome.REJECTED, Outcome.REJECTED]
    assert "none of phone number" in (found.verdicts[0].message or "")


def test_an_identity_that_is_not_matched_on_is_never_taken_away() -> None:
    found = _plan(Draft(2, (M1, P1), {}), owners={P1: B}, match_on=("MEMBER_NO",))
    assert found.people == ()
    assert "belongs to another customer" in (found.verdicts[0].message or "")


@pytest.mark.parametrize(
    ("mode", "new", "known"),
    [("CREATE_ONLY", "CREATED", "SKIPPED"), ("UPDATE_ONLY", "SKIPPED", "UPDATED"), ("UPSERT", "CREATED", "UPDATED")],
)
def test_modes(mode: str, new: str, known: str) -> None:
    found = _plan(Draft(2, (M1,), {}), Draft(3, (P1,), {}), owners={M1: A}, mode=ImportMode(mode))
    assert _outcomes(found) == [Outcome(known), Outcome(new)]
    assert len(found.people) == (2 if mode == "UPSERT" else 1)


def test_identities_of_a_row_are_compared_in_one_spelling() -> None:
    draft = draft_of(2, {"member_no": "m00012", "phone": "+8613800001111", "wechat_openid:wx1": "oAb", "note": "hi", "city": "西安"})
    assert draft.keys == (Key("MEMBER_NO", "M00012"), P1, Key("WECHAT_OPENID", "oAb", "wx1"))
    assert draft.notes == ("hi",)
    assert set(draft.values) == {"phone", "city"}
