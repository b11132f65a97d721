"""Keep that files of a case were destroyed, when and why.

Revision 0024, after 0023.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No file was destroyed yet."""
    with op.batch_alter_table("file") as batch:
        batch.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("erased_why", sa.String(500), nullable=True))


def downgrade() -> None:
    """Files that were destroyed look like files whose content is missing."""
    with op.batch_alter_table("file") as batch:
        batch.drop_column("erased_why")
        batch.drop_column("erased_at")
