"""Keep which terms of use were accepted.

Revision 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has accepted any yet: everybody is asked at the next login."""
    with op.batch_alter_table("account") as batch:
        batch.add_column(sa.Column("terms_version", sa.String(64), nullable=True))
        batch.add_column(sa.Column("terms_accepted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Who accepted what stays to be read in the account log."""
    op.execute("UPDATE login SET ended_at = ends_at WHERE steps <> '[]' AND ended_at IS NULL")
    with op.batch_alter_table("account") as batch:
        batch.drop_column("terms_accepted_at")
        batch.drop_column("terms_version")
