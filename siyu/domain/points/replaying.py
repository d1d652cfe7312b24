"""What entries and lots come to, worked out anew from the first one on: the SQL that verifying and merging share."""

from __future__ import annotations


def _whole(sql: str) -> str:
    return f"cast(coalesce(sum({sql}), 0) as bigint)"


def entries(within: str) -> str:
    """A `select` of customer_id, balance, pending, earned of the customers whose ids `within` (SQL) gives; who has no entry is missing."""
    earned = "e.kind = 'EARN' or (e.kind = 'REVERSE' and o.kind = 'EARN')"
    return (
        f"select e.customer_id, {_whole('e.change')} as balance,"  # noqa: S608  # our own words only
        f" {_whole('''case when e.kind = 'ACTIVATE' then -e.points else e.points - e.change end''')} as pending,"
        f" {_whole(f'case when {earned} then e.points else 0 end')} as earned"
        " from points_entries e left join points_entries o on o.id = e.reverses_id"
        f" where e.customer_id in ({within}) group by e.customer_id"
    )


def lots(within: str) -> str:
    """A `select` of customer_id, ready, waiting, wrong: what is left of activated lots and of others, and of how many lots the takes
    say something else."""
    taken = "coalesce(t.taken, 0)"
    wrong = f"l.remaining < 0 or l.remaining <> l.points - {taken} or l.open <> (l.remaining > 0)"
    return (
        f"select l.customer_id, {_whole('case when l.activated then l.remaining else 0 end')} as ready,"  # noqa: S608  # as above
        f" {_whole('case when l.activated then 0 else l.remaining end')} as waiting,"
        f" {_whole(f'case when {wrong} then 1 else 0 end')} as wrong from points_lots l"
        f" left join (select lot_id, customer_id, sum(points) as taken from points_takes where customer_id in ({within})"
        " group by lot_id, customer_id) t on t.lot_id = l.id and t.customer_id = l.customer_id"
        f" where l.customer_id in ({within}) group by l.customer_id"
    )
