"""What is said to us of duplicates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.kernel.inputs import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateDismiss:
    id: Annotated[UUID, Ref("DuplicateCandidate"), Doc("The two who are not one person.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateSearchStart:
    everybody: Annotated[bool, Doc("Compare everybody again, not only those who changed since the last search.")] = False
