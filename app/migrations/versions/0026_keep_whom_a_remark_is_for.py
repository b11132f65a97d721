"""Keep whom a remark and a file of a case are for.

Revision 0026, after 0025.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was written before is for the house: nobody chose to show it to those outside."""
    inner = sa.Column("audience", sa.String(8), nullable=False, server_default="inner")
    op.add_column("comment", inner)
    op.add_column("file", sa.Column("audience", sa.String(8), nullable=True))


def downgrade() -> None:
    """Every remark and file is for whoever sees the case again."""
    op.drop_column("file", "audience")
    op.drop_column("comment", "audience")
