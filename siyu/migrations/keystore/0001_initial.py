from tortoise import migrations
from tortoise.migrations import operations as ops
from uuid import uuid4
from tortoise import fields


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="CustomerKeyRow",
            fields=[
                ("customer_id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("wrapped", fields.BinaryField()),
                ("root_version", fields.CharField(db_index=True, max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "customer_keys", "app": "keys", "pk_attr": "customer_id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SystemKey",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("wrapped", fields.BinaryField()),
                ("root_version", fields.CharField(max_length=64)),
            ],
            options={"table": "system_keys", "app": "keys", "pk_attr": "name"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Tombstone",
            fields=[
                ("customer_id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("erased_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "tombstones", "app": "keys", "pk_attr": "customer_id"},
            bases=["Model"],
        ),
    ]
