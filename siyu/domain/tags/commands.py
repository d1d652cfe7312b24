"""Making, changing and archiving tags and their groups."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from tortoise.exceptions import IntegrityError

from siyu.domain import rules as conditions
from siyu.domain import segments
from siyu.domain.kernel import clock, database
from siyu.domain.kernel.dialect import Kind, Statement
from siyu.domain.kernel.inputs import Unset
from siyu.domain.kernel.operation import after_commit, operation
from siyu.domain.kernel.touching import Change
from siyu.domain.kernel.wording import optional_line, required_line
from siyu.domain.rules import HolderKind
from siyu.domain.tags import rules
from siyu.domain.tags.inputs import TagArchive, TagCreate, TagGroupCreate, TagUpdate
from siyu.domain.tags.tables import NAME_MAX, Tag, TagGroup, TagKind
from siyu.domain.tags.writing import exclusives
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal, Taken

_INPUT: Final = ("input",)
_NAME: Final = ("input", "name")
_GROUP: Final = ("input", "group_id")
_RULE: Final = ("input", "rule")
_EXPIRES: Final = ("input", "expires_after_days")


@operation(Scope.TAGS_WRITE, writes=True)
async def group_create(actor: Actor, wish: TagGroupCreate) -> UUID:
    """A new group; its id. Refuses a name that another has."""
    group = TagGroup(name=required_line(wish.name, _NAME, most=NAME_MAX), exclusive=bool(wish.exclusive))
    try:
        await group.save(force_create=True)
    except IntegrityError:
        raise Taken("There is a group of this name.", path=_NAME) from None
    return group.id


@operation(Scope.TAGS_WRITE, writes=True)
async def create(actor: Actor, wish: TagCreate) -> UUID:
    """A new tag, by hand or by a rule; its id. The rule is applied at once, by a job.

    Refuses a name that another has, archived ones included, an unknown group, and a rule as `rules.check` does.
    """
    kind = TagKind.MANUAL if wish.rule is None else TagKind.RULE
    tag = Tag(
        name=required_line(wish.name, _NAME, most=NAME_MAX),
        description=_description(wish.description),
        group_id=await _group(wish.group_id),
        kind=kind,
        expires_after_days=rules.lasting(wish.expires_after_days, kind, _EXPIRES),
    )
    checked = await _ruled(actor, tag, wish.rule) if wish.rule is not None else None
    await _save(tag, new=True)
    if checked is not None:
        await _applied(actor, tag, checked)
    return tag.id


@operation(Scope.TAGS_WRITE, writes=True)
async def update(actor: Actor, wish: TagUpdate) -> UUID:
    """Change what is given; what is left out stays, null clears. The id.

    A new name goes into the rules that speak of the tag. A new rule is applied by a job; without one the tag is by hand from now on, and
    whoever has it keeps it. Refuses an exclusive group of which somebody who has the tag has another one.
    """
    tag = await _present(wish.id)
    if tag.archived_at is not None:
        raise Refusal("This tag is archived.", path=("input", "id"), code=Code.WRONG_STATE)
    before = tag.name
    checked = None
    if not isinstance(wish.name, Unset):
        tag.name = required_line(wish.name or "", _NAME, most=NAME_MAX)
    if not isinstance(wish.description, Unset):
        tag.description = _description(wish.description)
    if not isinstance(wish.group_id, Unset):
        tag.group_id = await _joined(tag, await _group(wish.group_id))
    if isinstance(wish.rule, conditions.Rule):
        checked = await _ruled(actor, tag, wish.rule)
    elif wish.rule is None:
        tag.update_from_dict({"kind": TagKind.MANUAL, "rule": None, "expression": None, "due": False, "failure": None})
    expires = tag.expires_after_days if isinstance(wish.expires_after_days, Unset) else wish.expires_after_days
    tag.expires_after_days = rules.lasting(expires, tag.kind, _EXPIRES)
    tag.updated_at = clock.now()
    await _save(tag)
    if tag.name != before:
        await _renamed(actor, tag, before)
    if checked is not None:
        await _applied(actor, tag, checked)
    elif wish.rule is None:
        await conditions.forget(actor, tag.id)
    return tag.id


@operation(Scope.TAGS_WRITE, writes=True)
async def archive(actor: Actor, wish: TagArchive) -> UUID:
    """Have nobody be given the tag any more, by hand or by its rule; whoever has it keeps it. Repeated, it changes nothing. The id."""
    tag = await _present(wish.id)
    if tag.archived_at is None:
        await Tag.filter(id=tag.id).update(archived_at=clock.now(), due=False, failure=None, updated_at=clock.now())
        await conditions.forget(actor, tag.id)
    return tag.id


async def _present(tag_id: UUID) -> Tag:
    """The tag, held until the transaction ends."""
    tag = await Tag.filter(id=tag_id).select_for_update().get_or_none()
    if tag is None:
        raise NotFound("There is no such tag.", path=("input", "id"))
    return tag


def _description(text: str | None) -> str | None:
    return optional_line(text, ("input", "description"), most=rules.DESCRIPTION_MAX)


async def _group(group_id: UUID | None) -> UUID | None:
    if group_id is not None and not await TagGroup.exists(id=group_id):
        raise NotFound("There is no such group.", path=_GROUP)
    return group_id


async def _joined(tag: Tag, group_id: UUID | None) -> UUID | None:
    """The group, unless it is exclusive and somebody would have two tags of it."""
    if group_id is None or group_id == tag.group_id or not await exclusives([group_id]):
        return group_id
    statement = Statement(database.dialect())
    both = await database.rows(
        "select 1 from tag_assignments a join tag_assignments b on b.customer_id = a.customer_id and b.tag_id <> a.tag_id"  # noqa: S608  # bound values only
        f" join tags o on o.id = b.tag_id where a.tag_id = {statement.bind(tag.id, Kind.ID)}"
        f" and o.group_id = {statement.bind(group_id, Kind.ID)} limit 1",
        statement.args,
    )
    if both:
        raise Refusal("Some who have this tag have another one of this group, which allows one.", path=_GROUP, code=Code.CONFLICT)
    return group_id


async def _ruled(actor: Actor, tag: Tag, rule: conditions.Rule) -> conditions.Checked:
    """Have the tag follow this rule from now on, once it has been checked."""
    holder = (HolderKind.TAG, tag.id) if tag._saved_in_db else None
    checked = await conditions.check(actor, rule, None, path=_INPUT, holder=holder)
    if checked.tree != tag.rule:
        tag.rule_version = (tag.rule_version or 0) + 1
        tag.due = True
    tag.kind, tag.rule, tag.expression = TagKind.RULE, checked.tree, checked.expression
    return checked


async def _applied(actor: Actor, tag: Tag, checked: conditions.Checked) -> None:
    """Have a job apply the rule, and once more when every process knows of it."""
    await conditions.refer(actor, HolderKind.TAG, tag.id, checked)
    if tag.due:
        for moment in (clock.now(), clock.now() + segments.SETTLED_AFTER):
            after_commit(segments.APPLY_JOB, HolderKind.TAG.value, str(tag.id), at=moment)


async def _save(tag: Tag, *, new: bool = False) -> None:
    try:
        await tag.save(force_create=new)
    except IntegrityError:
        raise Taken("There is a tag of this name; it may be archived.", path=_NAME) from None


async def _renamed(actor: Actor, tag: Tag, before: str) -> None:
    """Have the rules that speak of the tag say its new name; what they mean stays."""
    holding = await conditions.dependants(actor, Change.TAG, str(tag.id))
    mine = [holder_id for kind, holder_id in holding if kind is HolderKind.TAG]
    for other in await Tag.filter(id__in=mine):
        assert other.rule is not None, "what has a reference has a rule"
        codes = await conditions.codes(actor, conditions.loaded(other.rule))
        other.rule, other.expression = conditions.renamed(other.rule, Change.TAG, before, tag.name, codes)
        await other.save(update_fields=["rule", "expression"])
    await segments.reword(actor, [holder_id for kind, holder_id in holding if kind is HolderKind.SEGMENT], before, tag.name)
