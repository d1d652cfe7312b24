"""Rules: who belongs, said as a tree or as text, checked, explained and applied."""

from siyu.domain.kernel.inputs import IntRange
from siyu.domain.rules.calendar import Asked, asked
from siyu.domain.rules.catalogue import Named, known
from siyu.domain.rules.checking import Checked, Inspected, check, inspect
from siyu.domain.rules.compiling import matches, matching
from siyu.domain.rules.counting import Counted, counted
from siyu.domain.rules.explaining import Verdict, explained, lost
from siyu.domain.rules.holders import HOLDERS, Evaluation, Held, Holder, holds
from siyu.domain.rules.inputs import (
    AnniversaryCondition,
    AnniversaryOf,
    AttributeCondition,
    Comparison,
    ConsentCondition,
    EventCondition,
    LifecycleCondition,
    OrderCondition,
    OrderMetric,
    PointsCondition,
    PointsMetric,
    ProfileCondition,
    ProfileField,
    PropertyCondition,
    RfmCondition,
    Rule,
    SegmentCondition,
    TagCondition,
    Window,
)
from siyu.domain.rules.keeping import NAMED_MAX, Decided, Keeping, Kept, keep
from siyu.domain.rules.moving import Wish, hold_alone, hold_things, keep_people, tidy
from siyu.domain.rules.printing import condition_text, renamed
from siyu.domain.rules.problems import Problem
from siyu.domain.rules.references import codes, dependants, dependants_each, forget, refer
from siyu.domain.rules.scopes import needed
from siyu.domain.rules.tables import HolderKind
from siyu.domain.rules.tree import children, conditions, loaded, nodes, stored
from siyu.domain.rules.watching import WATCHED, Owner, Watched, concerned, depending, levels, watched

__all__ = [
    "HOLDERS",
    "NAMED_MAX",
    "WATCHED",
    "AnniversaryCondition",
    "AnniversaryOf",
    "Asked",
    "AttributeCondition",
    "Checked",
    "Comparison",
    "ConsentCondition",
    "Counted",
    "Decided",
    "Evaluation",
    "EventCondition",
    "Held",
    "Holder",
    "HolderKind",
    "Inspected",
    "IntRange",
    "Keeping",
    "Kept",
    "LifecycleCondition",
    "Named",
    "OrderCondition",
    "OrderMetric",
    "Owner",
    "PointsCondition",
    "PointsMetric",
    "Problem",
    "ProfileCondition",
    "ProfileField",
    "PropertyCondition",
    "RfmCondition",
    "Rule",
    "SegmentCondition",
    "TagCondition",
    "Verdict",
    "Watched",
    "Window",
    "Wish",
    "asked",
    "check",
    "children",
    "codes",
    "concerned",
    "condition_text",
    "conditions",
    "counted",
    "dependants",
    "dependants_each",
    "depending",
    "explained",
    "forget",
    "hold_alone",
    "hold_things",
    "holds",
    "inspect",
    "keep",
    "keep_people",
    "known",
    "levels",
    "loaded",
    "lost",
    "matches",
    "matching",
    "needed",
    "nodes",
    "refer",
    "renamed",
    "stored",
    "tidy",
    "watched",
]  # fmt: skip
