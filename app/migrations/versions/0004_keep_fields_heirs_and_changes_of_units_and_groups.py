"""Keep fields of work, heirs of units, changes of units and groups, and wider scopes of grants.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Grants reach as far as before; there are no fields, heirs or changes yet."""
    _fields()
    _heirs()
    _changes()
    with op.batch_alter_table("grant") as batch:
        batch.add_column(
            sa.Column("everywhere", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch.add_column(sa.Column("field_code", sa.String(40), nullable=True))
        batch.create_foreign_key(
            op.f("fk_grant_field_code_field_of_work"), "field_of_work", ["field_code"], ["code"]
        )
        batch.create_index(batch.f("ix_grant_field_code"), ["field_code"])


def _fields() -> None:
    op.create_table(
        "field_of_work",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_en", sa.String(200), nullable=True),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_field_of_work")),
    )
    op.create_table(
        "unit_field",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(80), nullable=False),
        sa.Column("field_code", sa.String(40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_code"], ["unit.code"], name=op.f("fk_unit_field_unit_code_unit")
        ),
        sa.ForeignKeyConstraint(
            ["field_code"],
            ["field_of_work.code"],
            name=op.f("fk_unit_field_field_code_field_of_work"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_field")),
    )
    with op.batch_alter_table("unit_field") as batch:
        batch.create_index(batch.f("ix_unit_field_unit_code"), ["unit_code"])
        batch.create_index("ix_unit_field_field_code_unit_code", ["field_code", "unit_code"])


def _heirs() -> None:
    op.create_table(
        "unit_heir",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(80), nullable=False),
        sa.Column("heir_code", sa.String(80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_code"], ["unit.code"], name=op.f("fk_unit_heir_unit_code_unit")
        ),
        sa.ForeignKeyConstraint(
            ["heir_code"], ["unit.code"], name=op.f("fk_unit_heir_heir_code_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_heir")),
    )
    with op.batch_alter_table("unit_heir") as batch:
        batch.create_index(batch.f("ix_unit_heir_unit_code"), ["unit_code"])
        batch.create_index(batch.f("ix_unit_heir_heir_code"), ["heir_code"])


def _changes() -> None:
    op.create_table(
        "unit_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("unit_code", sa.String(80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(120), nullable=False),
        sa.Column("took_effect_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["unit_code"], ["unit.code"], name=op.f("fk_unit_change_unit_code_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_change")),
    )
    with op.batch_alter_table("unit_change") as batch:
        batch.create_index(batch.f("ix_unit_change_unit_code"), ["unit_code"])
        batch.create_index(batch.f("ix_unit_change_day"), ["day"])
    op.create_table(
        "group_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_key", sa.String(80), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_en", sa.String(200), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("permissions", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_change")),
    )
    with op.batch_alter_table("group_change") as batch:
        batch.create_index(
            "ix_group_change_group_key_effective_from", ["group_key", "effective_from"]
        )
    op.keep_rows("group_change")


def downgrade() -> None:
    """A grant over the whole organisation is one within its unit and all below, one of a field is
    one within its unit alone.
    """
    op.execute('UPDATE "grant" SET with_below = (with_below OR everywhere)')
    with op.batch_alter_table("grant") as batch:
        batch.drop_index(batch.f("ix_grant_field_code"))
        batch.drop_constraint(op.f("fk_grant_field_code_field_of_work"), type_="foreignkey")
        batch.drop_column("field_code")
        batch.drop_column("everywhere")
    op.free_rows("group_change")
    for table in ("group_change", "unit_change", "unit_heir", "unit_field", "field_of_work"):
        op.drop_table(table)
