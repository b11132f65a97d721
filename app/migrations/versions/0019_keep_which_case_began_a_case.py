"""Keep which case began a case.

Revision 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of cases that messages began before, the journal names the errand; lists show no link."""
    op.create_table(
        "origin",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_origin_case_id_case"),
        sa.ForeignKeyConstraint(["parent_id"], ["case.id"], name="fk_origin_parent_id_case"),
        sa.PrimaryKeyConstraint("case_id", name="pk_origin"),
    )
    op.create_index("ix_origin_parent_id", "origin", ["parent_id"])
    op.create_index("ix_origin_key", "origin", ["key"])


def downgrade() -> None:
    """The journals still name the errands that began the cases."""
    op.drop_table("origin")
