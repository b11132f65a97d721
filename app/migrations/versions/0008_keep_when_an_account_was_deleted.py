"""Keep when an account was deleted.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No account was deleted yet."""
    with op.batch_alter_table("account") as batch:
        batch.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Deleted accounts are closed ones; their passwords and rights do not come back."""
    with op.batch_alter_table("account") as batch:
        batch.drop_column("deleted_at")
