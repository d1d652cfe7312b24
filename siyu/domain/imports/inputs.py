"""What is said to us of an import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_doc import Doc

from siyu.domain.customers import IdentityKind
from siyu.domain.imports.matching import ImportMode
from siyu.domain.imports.tables import ImportKind
from siyu.domain.kernel.inputs import Ref

#: By which identities rows find their customers where the caller does not say.
MATCH_ON = (IdentityKind.PHONE, IdentityKind.EMAIL, IdentityKind.MEMBER_NO)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    column: Annotated[str, Doc("Title of a column in the file.")]
    field: Annotated[str, Doc("What it fills (`phone`, `displayName`, `memberNo`, `note` …); empty leaves the column out.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersImport:
    upload: Annotated[UUID, Ref("Upload"), Doc("The file, as `/uploads` answered.")]
    mapping: Annotated[list[ColumnMapping], Doc("Which column fills what; titles that are not named are guessed.")]
    match_on: Annotated[
        list[IdentityKind], Doc("By which identities a row finds its customer; PHONE, EMAIL and MEMBER_NO where none is named.")
    ]
    mode: Annotated[ImportMode, Doc("What may be done with a row.")]
    tags: Annotated[list[str] | None, Doc("Names of tags to put on every customer of the file, at most 50. Scope `tags:assign`.")] = None
    dry_run: Annotated[bool | None, Doc("Say what would happen, and change nothing.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An import of either kind, as both doors (the API and the command line) ask for it."""

    kind: ImportKind
    upload_id: UUID
    mapping: dict[str, str]
    match_on: tuple[IdentityKind, ...] = MATCH_ON
    mode: ImportMode = ImportMode.UPSERT
    dry_run: bool = False
    encoding: str | None = None
    #: Tags that every customer of the file is to have.
    tag_ids: tuple[UUID, ...] = ()
