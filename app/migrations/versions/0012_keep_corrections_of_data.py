"""Keep which values approved requests have changed.

Revision 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

from engine.database import insert_only_ddl

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing has been changed by a request yet."""
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("item", sa.String(120), nullable=False),
        sa.Column("field", sa.String(60), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("case_code", sa.String(60), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(120), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.ForeignKeyConstraint(
            ["undoes"], ["correction.id"], name=op.f("fk_correction_undoes_correction")
        ),
    )
    op.create_index("ix_correction_kind_item", "correction", ["kind", "item"])
    op.create_index(op.f("ix_correction_case_id"), "correction", ["case_id"])
    for statement in insert_only_ddl("correction", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """What was changed stays changed, and in the journals of its cases."""
    op.drop_table("correction")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION correction_is_insert_only()")
