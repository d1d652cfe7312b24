"""What input dataclasses say of their fields, read by the edge to print and to check the SDL."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from typing import Annotated, Final, TypeVar

from annotated_doc import Doc

from siyu.privacy.personal import Category


class Unset(Enum):
    """The type of `UNSET`."""

    UNSET = "UNSET"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


#: "Left out", as against null, which clears.
UNSET: Final = Unset.UNSET

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ref:
    """The UUID is a global id of this noun in the SDL (`Customer`)."""

    noun: str


@dataclass(frozen=True, slots=True)
class Personal:
    """The input carries personal data of this category: printed as `@personalData`."""

    category: Category


@dataclass(frozen=True, slots=True, kw_only=True)
class IntRange:
    """Between two whole numbers, both included; either may be left out."""

    min: Annotated[int | None, Doc("The least that is in.")] = None
    max: Annotated[int | None, Doc("The most that is in.")] = None


def given(value: T | Unset | None) -> T | None:
    """The value, or None where it was left out."""
    return None if value is UNSET else value


def changes(source: object) -> dict[str, object]:
    """The fields of an input dataclass that were not left out, by name."""
    return {
        item.name: getattr(source, item.name)
        for item in fields(source)  # type: ignore[arg-type]  # every input is a dataclass
        if getattr(source, item.name) is not UNSET
    }
