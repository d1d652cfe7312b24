"""Moving a request from state to state: each move once, with its event and its audit line."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from siyu.domain.kernel import clock
from siyu.domain.requests import rules
from siyu.domain.requests.tables import DataRequest, DataRequestEvent, DataRequestState, DataRequestStep, StepAction
from siyu.privacy import audit
from siyu.privacy.actor import Actor


async def move(actor: Actor, request: DataRequest, to: DataRequestState, *, note: str | None = None, **also: object) -> bool:
    """Bring a request into a state, from one that leads there. False when somebody else has moved it elsewhere meanwhile.

    Call it inside an operation that writes. `also` are further columns to set.
    """
    if to in rules.ENDED:
        also |= {"open_key": None, "ended_at": clock.now()}
    moved = await DataRequest.filter(id=request.id, state__in=rules.before(to)).update(state=to, **also)
    if moved:
        request.update_from_dict({"state": to, **also})
        await entered(actor, request, note=note)
    return bool(moved)


async def entered(actor: Actor, request: DataRequest, *, note: str | None = None) -> None:
    """Write down that the request came into its state."""
    await DataRequestEvent.create(request_id=request.id, state=request.state, actor=actor.name, note=note)
    subjects = [request.customer_id] if request.customer_id else []
    detail: audit.Detail = {"request": str(request.id), "kind": request.kind.value}
    await audit.record(actor, f"data_request.{request.state.lower()}", subjects=subjects, detail=detail)


async def plan(request_id: UUID, steps: Iterable[tuple[str, StepAction, int]]) -> None:
    """Write down what becomes of each store."""
    rows = [
        DataRequestStep(request_id=request_id, position=position, store=store, action=action, rows=count)
        for position, (store, action, count) in enumerate(steps)
    ]
    await DataRequestStep.bulk_create(rows)


async def did(request_id: UUID, action: StepAction, counts: dict[str, int]) -> None:
    """Write down that these stores are done, and how many rows it were; a second time adds what came meanwhile."""
    steps = {step.store: step for step in await DataRequestStep.filter(request_id=request_id)}
    for store, count in counts.items():
        step = steps.get(store)
        if step is not None:
            step.rows = step.rows + count if step.done else count
            step.done = True
            await step.save(update_fields=["rows", "done"])
        elif count:
            await DataRequestStep.create(request_id=request_id, position=len(steps), store=store, action=action, rows=count, done=True)
