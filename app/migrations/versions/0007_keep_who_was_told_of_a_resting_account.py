"""Keep who was told of a resting account.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody was told yet."""
    with op.batch_alter_table("account") as batch:
        batch.add_column(sa.Column("idle_warned_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Whoever was told is told once more after the next upgrade."""
    with op.batch_alter_table("account") as batch:
        batch.drop_column("idle_warned_at")
