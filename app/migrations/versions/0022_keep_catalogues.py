"""Keep the entries of catalogues with their days of effect.

Revision 0022, after 0021.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No catalogue has an entry yet."""
    op.create_table(
        "catalogue_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("catalogue", sa.String(80), nullable=False),
        sa.Column("entry", sa.String(120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("replaces", sa.String(120), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("case_code", sa.String(60), nullable=False),
        sa.Column("written_by", sa.String(120), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'locked', 'removed')", name=op.f("ck_catalogue_row_state")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_catalogue_row_case_id_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_row")),
        sa.UniqueConstraint(
            "catalogue", "entry", "number", name=op.f("uq_catalogue_row_catalogue_entry_number")
        ),
    )
    op.create_index(
        "ix_catalogue_row_entry", "catalogue_row", ["catalogue", "entry", "effective_from"]
    )
    op.create_index(op.f("ix_catalogue_row_case_id"), "catalogue_row", ["case_id"])


def downgrade() -> None:
    """What was done to entries stays in the journals of the cases that did it."""
    op.drop_table("catalogue_row")
