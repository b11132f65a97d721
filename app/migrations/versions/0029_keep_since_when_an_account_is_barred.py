"""Keep since when an account is barred from every way in but its one-time link.

Revision 0029, after 0028.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whoever was barred before is let in by the directory as they were."""
    op.add_column("account", sa.Column("barred_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """The directory opens barred accounts again."""
    op.drop_column("account", "barred_at")
