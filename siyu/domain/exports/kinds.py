"""What can be exported, and by which columns: one entry a noun."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from siyu.domain.attributes import ATTRIBUTE_DEFINITION, AttributeType
from siyu.domain.customers import CUSTOMER, CustomerFilter, IdentityKind
from siyu.domain.exports import fields
from siyu.domain.exports.fields import ATTRIBUTES, FIELDS_MAX, IDENTITIES, Field
from siyu.domain.exports.tables import ExportKind
from siyu.domain.kernel.dialect import Kind
from siyu.domain.kernel.paging import PAGE_MAX, Slice
from siyu.domain.kernel.reading import Ask, Reader, Source
from siyu.domain.orders import ORDER, OrderFilter
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, Forbidden, Refusal

_TYPES: Final = {
    AttributeType.TEXT: Kind.TEXT,
    AttributeType.NUMBER: Kind.FLOAT,
    AttributeType.BOOLEAN: Kind.BOOL,
    AttributeType.DATE: Kind.DATE,
    AttributeType.CHOICE: Kind.TEXT,
    AttributeType.MULTI_CHOICE: Kind.TEXT,
}


@dataclass(frozen=True, slots=True)
class Exportable:
    """A noun whose rows can be exported. `sort` never moves a row that is there, so that a file neither misses nor repeats one."""

    source: Source
    filter_type: type
    sort: str

    def named(self) -> dict[str, Field]:
        """The columns whose names are fixed."""
        found = {**fields.flat(self.source), **fields.parts(self.source)}
        if self.source is CUSTOMER:
            identities = fields.records(CUSTOMER, "identities")
            kinds = [fields.identity(kind.value, Scope.CUSTOMER_IDENTITY_READ) for kind in IdentityKind]
            tags, segments = (
                fields.named("tags", "tag_name", Scope.TAGS_READ),
                fields.named("segments", "segment_code", Scope.SEGMENTS_READ),
            )
            found |= {each.name: each for each in (identities, *kinds, tags, segments)}
        elif self.source is ORDER:
            found |= {each.name: each for each in (_CUSTOMER_ID, fields.records(ORDER, "lines"), fields.records(ORDER, "refunds"))}
        return found

    def usual(self, actor: Actor) -> list[str]:
        """The columns of a file for which none were named: all values of the row itself that the caller may see."""
        return [each.name for each in fields.flat(self.source).values() if all(actor.may(scope) for scope in each.scopes)]


_TAGS: Final = fields.named("tags", "tag_name", Scope.TAGS_READ)
_SEGMENTS: Final = fields.named("segments", "segment_code", Scope.SEGMENTS_READ)
_CUSTOMER_ID: Final = fields.reference("customer.id", "Customer", "customer_id")

KINDS: Final = {
    ExportKind.CUSTOMERS: Exportable(CUSTOMER, CustomerFilter, "CREATED_AT_ASC"),
    ExportKind.ORDERS: Exportable(ORDER, OrderFilter, "PLACED_AT_ASC"),
}


async def chosen(actor: Actor, kind: ExportKind, names: Sequence[str]) -> list[Field]:
    """The columns of these names, in their order; refused where there is none such, or the actor lacks its scope."""
    if not names:
        raise Refusal("Name at least one field.", path=("input", "fields"), code=Code.BLANK)
    if len(names) > FIELDS_MAX:
        raise Refusal(f"A file has at most {FIELDS_MAX} columns.", path=("input", "fields"), code=Code.LIMIT_EXCEEDED)
    known = KINDS[kind].named()
    if kind is ExportKind.CUSTOMERS:
        known |= await _attributes(actor, {name.removeprefix(ATTRIBUTES) for name in names if name.startswith(ATTRIBUTES)})
    found: list[Field] = []
    for number, name in enumerate(names):
        at = ("input", "fields", str(number))
        if name not in known:
            raise Refusal(_why_not(kind), path=at)
        if name in names[:number]:
            raise Refusal("This field is named twice.", path=at)
        lacking = [scope for scope in known[name].scopes if not actor.may(scope)]
        if lacking:
            raise Forbidden(f"{name} needs the scope {lacking[0]}.", path=at)
        found.append(known[name])
    return found


def _why_not(kind: ExportKind) -> str:
    more = f" {ATTRIBUTES}<key>, {IDENTITIES}<KIND>," if kind is ExportKind.CUSTOMERS else ""
    return f"There is no such field: fields are named as in the API,{more} and with a dot what is inside another."


async def _attributes(actor: Actor, keys: Collection[str]) -> dict[str, Field]:
    """A column for each of these attributes that is defined."""
    if not keys:
        return {}
    ask = Ask(ATTRIBUTE_DEFINITION)
    for name in ("key", "type", "personal"):
        ask.want(name)
    found: dict[str, Field] = {}
    after: str | None = None
    while True:
        page = await Reader(actor).page(ask, piece=Slice(first=PAGE_MAX, after=after))
        for row in page.rows:
            if row["key"] in keys:
                one = _attribute(cast(str, row["key"]), AttributeType(cast(str, row["type"])), bool(row["personal"]))
                found[one.name] = one
        if not page.has_next:
            return found
        after = page.cursor(page.rows[-1])


def _attribute(key: str, type_: AttributeType, personal: bool) -> Field:
    scope = Scope.CUSTOMER_ATTRIBUTES_READ if personal else None
    spelled = _day if type_ is AttributeType.DATE else _same
    return fields.attribute(key, _TYPES[type_], scope, many=type_ is AttributeType.MULTI_CHOICE, spelled=spelled)


def _day(value: object) -> object:
    return date.fromisoformat(str(value))


def _same(value: object) -> object:
    return value
