"""Opening a data request, agreeing to it, taking it back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from tortoise.exceptions import IntegrityError

from siyu.domain import customers, tokens, work
from siyu.domain.kernel import boot, clock, normal
from siyu.domain.kernel.operation import operation
from siyu.domain.requests import moving, rules
from siyu.domain.requests.inputs import DataRequestApprove, DataRequestOpen, DataRequestWithdraw
from siyu.domain.requests.tables import DataRequest, DataRequestApproval, DataRequestKind, DataRequestState, StepAction
from siyu.privacy import audit
from siyu.privacy.actor import Actor, ActorKind, Scope
from siyu.privacy.refusal import Code, Forbidden, NotFound, Refusal
from siyu.privacy.requests import erase

JOB: Final = "run_data_request"
#: Stores beside the tables about people.
FILES, KEYS = "files", "keys"

_NUMBER_LENGTH: Final = 7
_CHANNEL_LENGTH_MAX: Final = 40


@operation(Scope.DATA_REQUESTS_WRITE, writes=True)
async def open(actor: Actor, wish: DataRequestOpen) -> UUID:
    """Write down what a person asks; the request's id. An export runs at once, an erasure when a second person has agreed.

    Refuses kinds that this version can't handle, and a second request of a kind while the first is under way.
    """
    now = clock.now()
    rules.check_kind(wish.kind)
    requested_at = wish.received_at or now
    rules.check_received(requested_at, now)
    customer_id = await _customer(actor, wish)
    request = DataRequest(
        number=await _number(now.year),
        kind=wish.kind,
        state=rules.first_state(wish.kind),
        jurisdiction=wish.jurisdiction,
        customer_id=customer_id,
        subject_pseudonym=audit.current().pseudonym(customer_id),
        requested_at=requested_at,
        due_at=rules.due(requested_at, wish.jurisdiction, boot.current().settings.timezone),
        channel=_channel(wish.channel),
        opened_by_id=actor.id,
        open_key=f"{wish.kind}:{customer_id}",
    )
    if request.state is DataRequestState.SCHEDULED:
        request.work_id = await work.start(actor, JOB, str(request.id))
    await _store(request)
    await moving.entered(actor, request)
    await _plan(request, await customers.group(actor, customer_id))
    return request.id


async def _customer(actor: Actor, wish: DataRequestOpen) -> UUID:
    """Whom the request is about: named by an id or by an identity, one of the two."""
    if (wish.customer_id is None) == (wish.identity is None):
        raise Refusal("Give the customer's id or an identity.", path=("input", "identity"))
    if wish.customer_id is not None:
        await customers.require(actor, wish.customer_id, path=("input", "customer_id"))
        return wish.customer_id
    assert wish.identity is not None, "one of the two is given"
    try:
        found = await customers.find(actor, wish.identity)
    except Forbidden:
        raise
    except Refusal as refusal:
        raise Refusal(refusal.message, path=("input", *refusal.path), code=refusal.code) from None
    if found is None:
        raise NotFound("No customer is known by this.", path=("input", "identity"))
    return found


def _channel(text: str | None) -> str | None:
    if text is None:
        return None
    spelled = normal.line(text)
    if len(spelled) > _CHANNEL_LENGTH_MAX:
        raise Refusal(f"At most {_CHANNEL_LENGTH_MAX} characters.", path=("input", "channel"), code=Code.TOO_LONG)
    if normal.looks_personal(spelled):
        raise Refusal("Say how it came, not from whom: this stays when the person is erased.", path=("input", "channel"))
    return spelled or None


async def _number(year: int) -> str:
    """A number that no other request has, and that says nothing of how many there are."""
    while True:
        number = f"DR-{year}-{''.join(secrets.choice(rules.NUMBER_LETTERS) for _ in range(_NUMBER_LENGTH))}"
        if not await DataRequest.exists(number=number):
            return number


async def _store(request: DataRequest) -> None:
    """Store a new request; the unique key decides between two at once."""
    known = await DataRequest.get_or_none(open_key=request.open_key)
    try:
        if known is None:
            await request.save(force_create=True)
            return
    except IntegrityError:
        pass
    named = f"{known.number} is" if known else "One is"
    raise Refusal(f"{named} under way already: a second one would do the same.", path=("input", "kind"), code=Code.CONFLICT)


async def _plan(request: DataRequest, people: Sequence[UUID]) -> None:
    """What becomes of each store, for the customer and all who were merged into them."""
    action = StepAction.DELETE if request.kind is DataRequestKind.ERASURE else StepAction.EXPORT
    steps = [(table, action, count) for table, count in (await erase.left(*people)).items()]
    if request.kind is DataRequestKind.ERASURE:
        steps += [(FILES, StepAction.DELETE, 0), (KEYS, StepAction.SHRED_KEY, len(people))]
    await moving.plan(request.id, steps)


@operation(Scope.DATA_REQUESTS_WRITE, writes=True)
async def approve(actor: Actor, wish: DataRequestApprove) -> UUID:
    """Agree to an erasure: by a member of staff other than the one who opened it. It runs after the commit. The request's id."""
    request = await present(wish.id)
    if request.state is not DataRequestState.AWAITING_APPROVAL:
        raise _wrong_state(request, "no approval is waited for")
    if actor.kind is not ActorKind.STAFF or actor.id is None or await _stands_behind(actor, request):
        message = "An erasure is approved by another member of staff than the one who opened it."
        raise Refusal(message, path=("input", "id"), code=Code.SECOND_PERSON_REQUIRED)
    said = rules.note(wish.note, "note")
    work_id = await work.start(actor, JOB, str(request.id))
    if not await moving.move(actor, request, DataRequestState.SCHEDULED, note=said, work_id=work_id):
        raise _wrong_state(request, "somebody else was faster")
    await DataRequestApproval.create(request_id=request.id, by_id=actor.id, note=said)
    return request.id


async def _stands_behind(actor: Actor, request: DataRequest) -> bool:
    """Whether the actor opened the request, or made the access token that did: one person with two secrets is one person."""
    opener = request.opened_by_id
    return opener is not None and actor.id in (opener, await tokens.maker(actor, opener))


@operation(Scope.DATA_REQUESTS_WRITE, writes=True)
async def withdraw(actor: Actor, wish: DataRequestWithdraw) -> UUID:
    """Take a request back that has not begun to run. The request's id."""
    request = await present(wish.id)
    said = rules.note(wish.reason, "reason")
    withdrawable = request.state in rules.WITHDRAWABLE
    if not withdrawable or not await moving.move(actor, request, DataRequestState.WITHDRAWN, note=said):
        raise _wrong_state(request, "it can't be taken back")
    return request.id


async def present(request_id: UUID) -> DataRequest:
    """The request, for whoever changes it; raises `NotFound`."""
    request = await DataRequest.get_or_none(id=request_id)
    if request is None:
        raise NotFound("There is no such request.", path=("input", "id"))
    return request


def _wrong_state(request: DataRequest, why: str) -> Refusal:
    return Refusal(f"{request.number} is {request.state}: {why}.", path=("input", "id"), code=Code.WRONG_STATE)
