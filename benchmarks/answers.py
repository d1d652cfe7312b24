"""Are the answers equal? A server that answers something else is not measured."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from benchmarks import rows
from benchmarks.rows import Spec
from benchmarks.servers.running import Server
from benchmarks.shapes import Shape

#: So many of a shape's variables are compared.
_LOOKED_AT = 25


class Different(AssertionError):
    """Two servers answer differently, or one with errors."""


def answers(server: Server, shape: Shape) -> Iterator[Any]:
    """What the server says to the first of the shape's requests."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        for variables in shape.variables[:_LOOKED_AT]:
            asked = server.asked(shape, variables)
            assert asked is not None, f"{server.name} can't answer {shape.name}"
            connection.request("POST", asked[0], asked[1], {"content-type": "application/json", **server.headers})
            reply = connection.getresponse()
            said = orjson.loads(reply.read())
            if reply.status != 200 or set(said) != {"data"}:
                raise Different(f"{server.name} answers {shape.name} with {reply.status}: {str(said)[:500]}")
            yield said["data"]
    finally:
        connection.close()


def _same(left: object, right: object) -> bool:
    return left == right


def equal(shape: Shape, one: Server, other: Server, alike: Callable[[Any, Any], bool] = _same) -> None:
    """Raise `Different` unless both servers say the same, or what is alike by a peer's own measure."""
    for number, (left, right) in enumerate(zip(answers(one, shape), answers(other, shape), strict=True)):
        if not alike(left, right):
            raise Different(f"{shape.name}, variables {number}: {one.name} and {other.name} differ:\n{str(left)[:700]}\n{str(right)[:700]}")


def opened(shape: Shape, server: Server, spec: Spec) -> None:
    """Raise `Different` unless the sealed columns of the newest customers come out as they were invented."""
    said = next(iter(answers(server, shape)))["customers"]["nodes"]
    newest = reversed(list(rows.customers(max(0, spec.customers - 50), min(50, spec.customers), spec)))
    expected = [(made.person.display_name, made.person.phone, made.person.email) for made in newest]
    if [(node["displayName"], node["phone"], node["email"]) for node in said] != expected:
        raise Different(f"{shape.name}: what {server.name} opens is not what was sealed.")
