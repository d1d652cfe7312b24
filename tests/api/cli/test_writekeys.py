"""`siyu write-key` on the command line."""

from __future__ import annotations

from tests.api.cli.calling import siyu, told


def test_a_key_is_made_listed_and_ended() -> None:
    made = told("write-key", "create", "--name", "Shop", "--channel", "web", "--no-profiles")
    assert made["secret"].startswith("siyu_w")
    (listed,) = told("write-key", "list")
    assert (listed["id"], listed["name"], listed["channel"], listed["profiles"]) == (made["id"], "Shop", "web", False)
    assert listed["revoked_at"] is None
    assert made["secret"] not in siyu("write-key", "list").stdout
    assert told("write-key", "revoke", made["id"]) == {"id": made["id"]}
    assert told("write-key", "list")[0]["revoked_at"]


def test_what_is_refused_is_one_line() -> None:
    assert "channel" in siyu("write-key", "create", "--name", "Shop", "--channel", "the web", code=1).stderr
    assert "no such write key" in siyu("write-key", "revoke", "00000000-0000-0000-0000-000000000001", code=1).stderr
