"""Keep which reviews of accounts began.

Revision 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """None has begun: the first begin with the round that runs next."""
    op.create_table(
        "account_review",
        sa.Column("unit_code", sa.String(80), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("unit_code", "period", name=op.f("pk_account_review")),
        sa.ForeignKeyConstraint(
            ["unit_code"], ["unit.code"], name=op.f("fk_account_review_unit_code_unit")
        ),
    )


def downgrade() -> None:
    """The cases of reviews stay."""
    op.drop_table("account_review")
