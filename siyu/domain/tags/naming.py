"""Tags by their names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from siyu.domain.kernel import normal
from siyu.domain.kernel.operation import operation
from siyu.domain.kernel.touching import Change
from siyu.domain.rules import Named, known
from siyu.domain.tags import rules
from siyu.domain.tags.tables import Tag
from siyu.domain.tags.writing import exclusives
from siyu.privacy.actor import Actor, Scope
from siyu.privacy.refusal import Code, NotFound, Refusal, Refusals

ARCHIVED: Final = "The tag {} is archived: nobody is given it any more."


@operation(Scope.TAGS_READ)
async def resolve(actor: Actor, tag_id: UUID | None, name: str | None) -> UUID | None:
    """The tag named by an id or by its name; exactly one of the two is given."""
    if (tag_id is None) == (name is None):
        raise Refusal("Give an id or a name.", path=("name",))
    if tag_id is not None or name is None:
        return tag_id
    found = await by_names([name])
    return found[0].id if found[0] is not None else None


@operation(Scope.TAGS_ASSIGN)
async def named(actor: Actor, names: Collection[str], *, path: tuple[str, ...]) -> list[UUID]:
    """The tags of these names, which are refused at their paths as `assign` refuses them: for nouns that put them on later."""
    return list(await chosen(list(names), path, assigning=True))


@operation(Scope.JOBS_RUN)
async def there(actor: Actor, names: Collection[str]) -> dict[str, UUID]:
    """Those of these names that are tags in use, as files spell them. One statement."""
    given = list(names)
    return {name: tag.id for name, tag in zip(given, await by_names(given), strict=True) if tag is not None and tag.archived_at is None}


async def by_names(names: Sequence[str]) -> list[Tag | None]:
    """The tags of these names, in their order, archived ones as well."""
    spelled = [normal.line(name) for name in names]
    found = {tag.name: tag for tag in await Tag.filter(name__in=[each for each in spelled if "\0" not in each])} if spelled else {}
    return [found.get(each) for each in spelled]


async def chosen(names: Sequence[str], path: tuple[str, ...], *, assigning: bool) -> dict[UUID, Tag]:
    """The tags of these names, which are refused at their paths: unknown ones, and where they are to be put on also archived ones and
    two of one exclusive group."""
    if not names:
        raise Refusal("Name a tag.", path=path, code=Code.BLANK)
    if len(names) > rules.TAGS_MAX:
        raise Refusal(f"At most {rules.TAGS_MAX} tags at once.", path=path, code=Code.LIMIT_EXCEEDED)
    tags: list[tuple[int, Tag]] = []
    refusals: list[Refusal] = []
    for place, tag in enumerate(await by_names(names)):
        if tag is None:
            refusals.append(NotFound("There is no such tag.", path=(*path, str(place))))
        elif assigning and tag.archived_at is not None:
            refusals.append(Refusal(ARCHIVED.format(tag.name), path=(*path, str(place)), code=Code.WRONG_STATE))
        else:
            tags.append((place, tag))
    if refusals:
        raise Refusals(refusals)
    if assigning and len(tags) > 1:
        groups = {tag.group_id for _, tag in tags if tag.group_id is not None}
        rules.apart([(place, tag.name, tag.group_id) for place, tag in tags], await exclusives(groups) if groups else {}, path)
    return {tag.id: tag for _, tag in tags}


@known(Change.TAG)
async def _in_rules(actor: Actor, names: Collection[str]) -> Mapping[str, Named]:
    """What names of tags in rules stand for; of an archived one it is said that nobody is given it any more."""
    given = list(names)
    return {
        name: Named(tag.id, tag.name, None if tag.archived_at is None else ARCHIVED.format(tag.name))
        for name, tag in zip(given, await by_names(given), strict=True)
        if tag is not None
    }
