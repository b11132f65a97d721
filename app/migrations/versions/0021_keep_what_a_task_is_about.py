"""Keep the subject of a task, and fold it for search.

Revision 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tasks that were offered before have none: their drawings gave none."""
    op.add_column("task", sa.Column("subject", sa.String(300), nullable=True))
    op.add_column("task", sa.Column("search", sa.Text(), nullable=True))


def downgrade() -> None:
    """The journals still say what each task was about."""
    op.drop_column("task", "search")
    op.drop_column("task", "subject")
