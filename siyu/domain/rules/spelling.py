"""Forms as SQL: over whole sets, or for one customer at a time."""

from __future__ import annotations

from typing import Final

from siyu.domain.rules.forms import SUMS, Draft, Either, Every, Form, Never, Own, Some, Sums, narrow, opposite, weight

#: PostgreSQL takes single looks for dearer than they are and goes through all sums for a handful of people. So it is told: up to a part of
#: the customers it looks at one after the other; the other way is not gone then.
_FEW: Final = "count(*) * 16 < (select reltuples from pg_class where oid = 'customers'::regclass)"
_FREE: Final = "not exists (select 1 from restrictions r where r.customer_id = t.id)"
#: The name of those whom the cheap conditions leave.
_FOUND: Final = "found"


def whom(draft: Draft) -> str:
    """Whom rules are about: nobody who was merged into another or restricted processing."""
    # SQLite does not know that nearly nobody was merged, and shall not go by the index of those who were.
    return f"{'' if draft.postgres else '+'}t.merged_into_id is null and {_FREE}"


def of_each(form: Form) -> str:
    """Whether it holds for the customer `t`, never null; each look goes by an index."""
    if isinstance(form, Own):
        return f"coalesce(({form.sql}), false)"
    if isinstance(form, Some):
        return f"exists (select 1 from {form.table} x where x.customer_id = t.id and {form.where})"  # noqa: S608  # bound values only
    if isinstance(form, Sums):
        return f"(select {form.over('')} from {form.table} x where x.customer_id = t.id and {form.rows})"  # noqa: S608  # as above
    if isinstance(form, Never):
        return f"not {of_each(form.part)}"
    return "(" + (" and " if isinstance(form, Every) else " or ").join(of_each(part) for part in form.parts) + ")"


def of_all(draft: Draft, form: Form) -> str:
    """`select t.id from …`: everybody for whom it holds. What is cheap and leaves few comes first, sums are then of these only."""
    parts = form.parts if isinstance(form, Every) else (form,)
    cheap, dear = [part for part in parts if weight(part) < SUMS], [part for part in parts if weight(part) == SUMS]
    few = any(narrow(part) for part in cheap)
    if not dear or not few:
        return f"select t.id from customers t where {whom(draft)} and {_Sets(draft, few=few).holds(form)}"  # noqa: S608  # bound values only
    first = " and ".join(_Sets(draft, few=True).holds(part) for part in cheap)
    then = " and ".join(_Sets(draft, _FOUND).holds(part) for part in dear)
    found = f"with {_FOUND} as materialized (select t.id from customers t where {whom(draft)} and {first})"  # noqa: S608  # bound values only
    if not draft.postgres:
        return f"{found} select t.id from {_FOUND} t where {then}"  # noqa: S608  # bound values only
    each = " and ".join(of_each(part) for part in dear)
    return (
        f"{found}, few(so) as materialized (select {_FEW} from {_FOUND})"  # noqa: S608  # bound values only
        f" select t.id from {_FOUND} f join customers t on t.id = f.id where (select so from few) and {each}"
        f" union all select t.id from {_FOUND} t where not (select so from few) and {then}"
    )


class _Sets:
    """Writes forms as SQL over the row `t`, each set worked out once; `within` names those who are looked at, everybody when empty.

    With `few` there are other conditions that leave few, so that SQLite, which does not decide it, had better look at each of these.
    """

    def __init__(self, draft: Draft, within: str = "", *, few: bool = False) -> None:
        self._draft = draft
        self._within = within
        self._by_one = few and not draft.postgres

    def holds(self, form: Form) -> str:
        """Null is as good as false. Stands among conditions that must all hold, so that databases join what is in it."""
        if isinstance(form, Own):
            return f"({form.sql})"
        if isinstance(form, Every):
            return " and ".join(self.holds(part) for part in form.parts)
        if weight(form) == 0:
            return self._own(form)
        if self._by_one and weight(form) < SUMS and not narrow(form):
            return of_each(form)
        if isinstance(form, Never):
            return self._out(self._ids(form.part))
        if isinstance(form, Sums) and form.absent:
            return self._out(self._ids(opposite(form)))
        return f"t.id in ({self._ids(form)})"

    def _own(self, form: Form) -> str:
        """What asks the customer's own row only."""
        if isinstance(form, Never):
            return f"coalesce(not {self._own(form.part)}, true)"
        if isinstance(form, Every | Either):
            return "(" + (" and " if isinstance(form, Every) else " or ").join(self._own(part) for part in form.parts) + ")"
        assert isinstance(form, Own), "what asks other rows weighs more"
        return f"({form.sql})"

    def _out(self, ids: str) -> str:
        """Nobody of these: as each database does it in one pass."""
        if self._draft.postgres:
            return f"not exists (select 1 from ({ids}) g(id) where g.id = t.id)"  # noqa: S608  # bound values only
        return f"t.id not in ({ids})"

    def _ids(self, form: Form) -> str:
        """`select` of the ids of those for whom it holds; an id may come more than once."""
        if isinstance(form, Some):
            return f"select x.customer_id from {form.table} x where {form.where}"  # noqa: S608  # bound values only
        if isinstance(form, Sums) and not form.absent:
            among = f"x.customer_id in (select id from {self._within}) and " if self._within else ""  # noqa: S608  # our own word
            return (
                f"select x.customer_id from {form.table} x where {among}{form.rows} "  # noqa: S608  # bound values only
                f"group by x.customer_id having {form.over('')}"
            )
        if isinstance(form, Either):
            inline = [part for part in form.parts if weight(part) == 0]
            sets = [self._ids(part) for part in form.parts if weight(part) > 0]
            # PostgreSQL takes what `union` gives for as many as come in, and of `union all` for two hundred different ones.
            union = " union " if self._draft.postgres else " union all "
            return union.join([*sets, *([self._people(" or ".join(self._own(part) for part in inline))] if inline else [])])
        return self._people(self.holds(form))

    def _people(self, holds: str) -> str:
        among = f"t.id in (select id from {self._within}) and " if self._within else ""  # noqa: S608  # our own word
        return f"select t.id from customers t where {among}({holds})"  # noqa: S608  # bound values only
