"""Keep with which right a case is seen by who looks over the work of its unit.

Revision 0028, after 0027.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was begun before is closed with the next version of its process that says so."""
    op.add_column("case", sa.Column("seen_with", sa.String(60), nullable=True))


def downgrade() -> None:
    """Every case opens to whoever looks over the work of its unit again."""
    op.drop_column("case", "seen_with")
