"""Attributes that the organisation defines for its customers."""

from siyu.domain.attributes.commands import AttributeDefine, AttributeGiven, assign, define
from siyu.domain.attributes.describing import Described, described
from siyu.domain.attributes.source import ATTRIBUTE_DEFINITION, ATTRIBUTE_VALUE
from siyu.domain.attributes.tables import AttributeType

__all__ = [
    "ATTRIBUTE_DEFINITION",
    "ATTRIBUTE_VALUE",
    "AttributeDefine",
    "AttributeGiven",
    "AttributeType",
    "Described",
    "assign",
    "define",
    "described",
]
