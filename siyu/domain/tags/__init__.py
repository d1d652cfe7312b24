"""Tags: words that customers are marked with, by hand or by a rule."""

from siyu.domain.tags.assigning import Changed, assign, assign_all, remove
from siyu.domain.tags.batches import SCOPES, purge, purpose_of, run
from siyu.domain.tags.commands import archive, create, group_create, update
from siyu.domain.tags.expiring import expire
from siyu.domain.tags.inputs import TagArchive, TagAssign, TagCreate, TagFilter, TagGroupCreate, TagRemove, TagUpdate
from siyu.domain.tags.naming import named, resolve, there
from siyu.domain.tags.pending import attach, forget, sweep
from siyu.domain.tags.ruling import RuleTags
from siyu.domain.tags.source import TAG, TAG_ASSIGNMENT, TAG_CHANGE, TAG_GROUP, TAG_USAGE, wanted
from siyu.domain.tags.tables import NAME_MAX, TagEnd, TagKind, TagSource
from siyu.domain.tags.uniting import refresh

__all__ = [
    "NAME_MAX", "SCOPES", "TAG", "TAG_ASSIGNMENT", "TAG_CHANGE", "TAG_GROUP", "TAG_USAGE", "Changed", "RuleTags", "TagArchive",
    "TagAssign", "TagCreate", "TagEnd", "TagFilter", "TagGroupCreate", "TagKind", "TagRemove", "TagSource", "TagUpdate", "archive",
    "assign", "assign_all", "attach", "create", "expire", "forget", "group_create", "named", "purge", "purpose_of", "refresh", "remove",
    "resolve", "run", "sweep", "there", "update", "wanted",
]  # fmt: skip
