"""Keep which word a file bears, such as "Đã thu hồi", since when and why.

Revision 0027, after 0026.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No file bears a word yet."""
    with op.batch_alter_table("file") as batch:
        batch.add_column(sa.Column("mark", sa.String(40), nullable=True))
        batch.add_column(sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("marked_why", sa.String(500), nullable=True))


def downgrade() -> None:
    """Files that were marked are shown as any other; the journal still tells it."""
    with op.batch_alter_table("file") as batch:
        batch.drop_column("marked_why")
        batch.drop_column("marked_at")
        batch.drop_column("mark")
