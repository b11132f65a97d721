"""Keep how lists and keys are for a person.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Accounts have a place for it; everybody begins with what ships."""
    with op.batch_alter_table("account") as batch:
        batch.add_column(sa.Column("display", sa.Text(), nullable=True))


def downgrade() -> None:
    """The place is gone."""
    with op.batch_alter_table("account") as batch:
        batch.drop_column("display")
