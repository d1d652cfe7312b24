"""What the names in a rule stand for, looked up at once; and what is wrong with those that stand for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from siyu.domain import attributes, events, scoring, tiers
from siyu.domain.attributes import AttributeType
from siyu.domain.kernel import ids, normal
from siyu.domain.kernel.touching import Change
from siyu.domain.rules.catalogue import Named, named
from siyu.domain.rules.comparisons import compared
from siyu.domain.rules.inputs import (
    AnniversaryOf,
    AttributeCondition,
    ConsentCondition,
    EventCondition,
    PointsCondition,
    PointsMetric,
    ProfileCondition,
    ProfileField,
    RfmCondition,
    Rule,
    SegmentCondition,
    TagCondition,
)
from siyu.domain.rules.problems import Problem
from siyu.domain.rules.scopes import needed
from siyu.domain.rules.tree import Path, conditions
from siyu.domain.rules.values import Taken, Type
from siyu.privacy import consent
from siyu.privacy.actor import Actor
from siyu.privacy.refusal import Code

_ATTRIBUTES: Final = {
    AttributeType.TEXT: Type.TEXT,
    AttributeType.NUMBER: Type.NUMBER,
    AttributeType.BOOLEAN: Type.BOOLEAN,
    AttributeType.DATE: Type.DATE,
    AttributeType.CHOICE: Type.TEXT,
    AttributeType.MULTI_CHOICE: Type.TEXT,
}
_SHOWN_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class Register:
    """What there is of that of which a rule speaks. Of what its reader may not read, nothing."""

    attributes: Mapping[str, attributes.Described] = field(default_factory=dict)
    events: Mapping[str, events.Described] = field(default_factory=dict)
    #: By their names as the rule spells them, and as they are spelled.
    tags: Mapping[str, Named] = field(default_factory=dict)
    #: By their ids as text.
    segments: Mapping[str, Named] = field(default_factory=dict)
    purposes: frozenset[str] = frozenset()
    model: scoring.Model | None = None
    #: By rank.
    tiers: Sequence[tiers.Rung] = ()

    @property
    def codes(self) -> dict[UUID, str]:
        """The segments' codes."""
        return {each.id: each.name for each in self.segments.values()}


async def looked_up(actor: Actor, rule: Rule) -> Register:
    """The register for a rule, for somebody who may read all of which it speaks. One statement for each kind of thing it speaks of."""
    leaves = [node for _, node in conditions(rule)]
    keys = {node.attribute.key for node in leaves if node.attribute}
    names = {node.event.name for node in leaves if node.event}
    purposes = {node.consent.purpose for node in leaves if node.consent}
    tags = await named(actor, Change.TAG, {name for node in leaves if node.tag for name in tag_names(node.tag)})
    return Register(
        attributes=await attributes.described(actor, keys) if keys else {},
        events=await events.described(actor, names) if names else {},
        tags={**{each.name: each for each in tags.values()}, **tags},
        segments=await named(actor, Change.SEGMENT, {str(each) for node in leaves if node.segment for each in segment_ids(node.segment)}),
        purposes=await consent.purposes(purposes) if purposes else frozenset(),
        model=await scoring.model(actor) if any(node.rfm for node in leaves) else None,
        tiers=await tiers.known(actor) if any(node.points and node.points.metric is PointsMetric.TIER for node in leaves) else (),
    )


def tag_names(said: TagCondition) -> list[str]:
    """Every tag of which a condition speaks."""
    return [*(said.any or ()), *(said.all or ()), *(said.none or ())]


def segment_ids(said: SegmentCondition) -> list[UUID]:
    """Every segment of which a condition speaks."""
    return [*(said.in_ or ()), *(said.not_in or ())]


def unknown(rule: Rule, register: Register) -> Iterator[Problem]:
    """What is wrong with the names in a rule whose shape is right, and with values that depend on them."""
    for path, node in conditions(rule):
        for name, check in _CHECKS.items():
            said = getattr(node, name)
            if said is not None:
                yield from check(said, register, (*path, name))


def spoken_of(rule: Rule, register: Register) -> frozenset[tuple[Change, str]]:
    """The changes that concern a rule, as `touching.Touched` names them; "" where the kind of change says it all."""
    return frozenset(found for _, node in conditions(rule) for found in _spoken(node, register))


def _spoken(node: Rule, register: Register) -> Iterator[tuple[Change, str]]:
    if node.attribute:
        yield Change.ATTRIBUTE, node.attribute.key
    if node.tag:
        yield from ((Change.TAG, str(register.tags[name].id)) for name in tag_names(node.tag))
    if node.segment:
        yield from ((Change.SEGMENT, str(each)) for each in segment_ids(node.segment))
    if node.event:
        yield Change.EVENT, node.event.name
    if node.consent:
        yield Change.CONSENT, node.consent.purpose
    if node.profile or (node.anniversary and node.anniversary.of is not AnniversaryOf.FIRST_ORDER):
        yield Change.PROFILE, ""
    if node.order or (node.anniversary and node.anniversary.of is AnniversaryOf.FIRST_ORDER):
        yield Change.ORDER, ""
    if node.points:
        yield Change.TIER if node.points.metric is PointsMetric.TIER else Change.POINTS, ""
    if node.lifecycle:
        yield Change.LIFECYCLE, ""
    if node.rfm:
        yield Change.RFM, ""


def quoted(name: str) -> str:
    """A name in a message: shortened, and left out where it looks like somebody's."""
    return f'"{name[:_SHOWN_MAX]}"' if not normal.looks_personal(name) else "of this name"


def _missing(what: str, name: str, path: Path) -> Problem:
    return Problem(f"There is no {what} {quoted(name)}.", path, code=Code.NOT_FOUND)


def _profile(said: ProfileCondition, register: Register, path: Path) -> Iterator[Problem]:
    if said.field is ProfileField.OWNER:
        for number, value in enumerate(said.values or ()):
            if not ids.is_spelled("Staff", str(value)):
                yield Problem("This is no id of a member of staff.", (*path, "values", str(number)))


def taken_by(attribute: attributes.Described) -> Taken:
    """The values that conditions on an attribute take."""
    return Taken(_ATTRIBUTES[attribute.type], attribute.choices)


def _attribute(said: AttributeCondition, register: Register, path: Path) -> Iterator[Problem]:
    known = register.attributes.get(said.key)
    if known is None:
        yield _missing("attribute", said.key, (*path, "key"))
    elif known.personal:
        yield Problem("The values of this attribute are sealed; no rule can be computed on them.", (*path, "key"))
    else:
        yield from compared(said.is_, said.values, taken_by(known), path)


def _tag(said: TagCondition, register: Register, path: Path) -> Iterator[Problem]:
    for part, names in (("any", said.any), ("all", said.all), ("none", said.none)):
        for number, name in enumerate(names or ()):
            if name not in register.tags:
                yield _missing("tag", name, (*path, part, str(number)))


def _segment(said: SegmentCondition, register: Register, path: Path) -> Iterator[Problem]:
    for part, keys in (("in", said.in_), ("notIn", said.not_in)):
        for number, key in enumerate(keys or ()):
            if str(key) not in register.segments:
                yield Problem("There is no such segment.", (*path, part, str(number)), code=Code.NOT_FOUND)


def _rfm(said: RfmCondition, register: Register, path: Path) -> Iterator[Problem]:
    names = {group.name for group in register.model.groups} | {scoring.OTHER} if register.model else set()
    for number, name in enumerate(said.groups or ()):
        if name not in names:
            yield _missing("group", name, (*path, "groups", str(number)))


def _event(said: EventCondition, register: Register, path: Path) -> Iterator[Problem]:
    known = register.events.get(said.name)
    if known is None:
        yield _missing("event", said.name, (*path, "name"))
        return
    for number, each in enumerate(said.where or ()):
        if each.key in known.personal:
            yield Problem("The values of this property are sealed; no rule can be computed on them.", (*path, "where", str(number), "key"))


def _points(said: PointsCondition, register: Register, path: Path) -> Iterator[Problem]:
    if said.metric is PointsMetric.TIER:
        codes = {rung.code for rung in register.tiers}
        for number, value in enumerate(said.values):
            if value not in codes:
                yield _missing("tier", str(value), (*path, "values", str(number)))


def _consent(said: ConsentCondition, register: Register, path: Path) -> Iterator[Problem]:
    if said.purpose not in register.purposes:
        yield _missing("purpose", said.purpose, (*path, "purpose"))


def barred(actor: Actor, rule: Rule) -> Iterator[Problem]:
    """The conditions on what somebody may not read."""
    for path, node in conditions(rule):
        for scope in sorted(needed(node)):
            if not actor.may(scope):
                yield Problem(f"This needs the scope {scope}.", path, code=Code.FORBIDDEN)


_CHECKS: Final[dict[str, Callable[..., Iterator[Problem]]]] = {
    "profile": _profile,
    "attribute": _attribute,
    "tag": _tag,
    "segment": _segment,
    "rfm": _rfm,
    "event": _event,
    "points": _points,
    "consent": _consent,
}
