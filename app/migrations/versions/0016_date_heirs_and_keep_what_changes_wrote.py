"""Date what units have taken over, and keep what a change of units wrote, so that it can be called
off.

Revision 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was taken over goes on; what earlier changes wrote is not known."""
    with op.batch_alter_table("unit_heir") as batch:
        batch.add_column(sa.Column("valid_to", sa.Date(), nullable=True))
    with op.batch_alter_table("unit_change") as batch:
        batch.add_column(sa.Column("wrote", sa.Text(), nullable=True))
        batch.add_column(sa.Column("called_off_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("called_off_by", sa.String(120), nullable=True))
        batch.add_column(sa.Column("called_off_reason", sa.Text(), nullable=True))


def downgrade() -> None:
    """What was called off stays so: its rows are gone already."""
    with op.batch_alter_table("unit_change") as batch:
        for name in ("called_off_reason", "called_off_by", "called_off_at", "wrote"):
            batch.drop_column(name)
    with op.batch_alter_table("unit_heir") as batch:
        batch.drop_column("valid_to")
