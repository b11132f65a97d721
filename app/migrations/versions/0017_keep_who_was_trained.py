"""Keep by what document a person was trained to administer.

Revision 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Number of the certificate or decision; nothing is known of those who administer already."""
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("training", sa.String(300), nullable=True))


def downgrade() -> None:
    """The account log still says by what proof each right was granted."""
    with op.batch_alter_table("person") as batch:
        batch.drop_column("training")
