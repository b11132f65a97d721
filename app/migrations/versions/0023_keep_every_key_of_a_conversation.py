"""Keep every key under which a message is awaited.

Revision 0023, after 0022.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No message is awaited under several keys yet."""
    op.create_table(
        "wait_key",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("correlation", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_wait_key_case_id_case")),
        sa.PrimaryKeyConstraint("case_id", "token", "correlation", name=op.f("pk_wait_key")),
    )
    op.create_index(op.f("ix_wait_key_correlation"), "wait_key", ["correlation"])


def downgrade() -> None:
    """Who waits is found under the first key alone again."""
    op.drop_table("wait_key")
