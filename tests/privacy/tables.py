"""A customers table and a child of it, for tests of the mechanism alone."""

from __future__ import annotations

from typing import ClassVar

from tortoise import fields
from uuid_utils.compat import uuid7

from siyu.privacy.personal import Category, personal
from siyu.privacy.sealed import BlindIndexField, PersonalModel, SealedField


class Person(PersonalModel):
    subject: ClassVar[str] = "id"
    technical: ClassVar[frozenset[str]] = frozenset({"visits"})

    id = fields.UUIDField(primary_key=True, default=uuid7)
    name = SealedField(category=Category.IDENTITY)
    phone = SealedField(category=Category.CONTACT)
    phone_index = BlindIndexField(of="phone")
    name_index = BlindIndexField(of="name", bits=11, db_index=False)
    birthday = SealedField(category=Category.DEMOGRAPHIC, format="date")
    likes = SealedField(category=Category.BEHAVIOUR, format="json")
    city = personal(fields.CharField(100, null=True), Category.LOCATION)
    visits = fields.IntField(default=0)

    class Meta:
        app = "siyu"
        table = "test_people"


class Remark(PersonalModel):
    technical: ClassVar[frozenset[str]] = frozenset()

    id = fields.UUIDField(primary_key=True, default=uuid7)
    customer: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("siyu.Person", related_name="remarks")
    text = SealedField(category=Category.FREE_TEXT, null=False)

    class Meta:
        app = "siyu"
        table = "test_remarks"
