"""Keep how much of its case a task opens, and a case to who began it.

Revision 0025, after 0024.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was begun before opens the whole case: its drawing said nothing else."""
    op.add_column("task", sa.Column("sees", sa.String(12), nullable=True))
    op.add_column("case", sa.Column("sees", sa.String(12), nullable=True))


def downgrade() -> None:
    """Every part taken in a case opens the whole of it again."""
    op.drop_column("case", "sees")
    op.drop_column("task", "sees")
