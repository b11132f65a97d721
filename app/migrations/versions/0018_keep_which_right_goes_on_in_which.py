"""Keep which grant continues which, and until when one is withdrawn.

Revision 0018, after 0017.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of grants given before nothing is known to continue, and none came back by itself."""
    with op.batch_alter_table("grant") as batch:
        batch.add_column(sa.Column("revoked_until", sa.Date(), nullable=True))
        batch.add_column(sa.Column("continues_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_grant_continues_id_grant"), "grant", ["continues_id"], ["id"]
        )
        batch.create_index(batch.f("ix_grant_continues_id"), ["continues_id"])


def downgrade() -> None:
    """The grants stay with their days, and nothing tells which belong together."""
    with op.batch_alter_table("grant") as batch:
        batch.drop_index(batch.f("ix_grant_continues_id"))
        batch.drop_constraint(op.f("fk_grant_continues_id_grant"), type_="foreignkey")
        batch.drop_column("continues_id")
        batch.drop_column("revoked_until")
