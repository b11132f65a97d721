"""Keep which enterprise an account stands for, with its codes.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No account stands for an enterprise yet."""
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_code", sa.String(20), nullable=False),
        sa.Column("tax_code", sa.String(20), nullable=True),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("address", sa.String(500), nullable=False),
        sa.Column("phone", sa.String(30), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("enterprise_code", name=op.f("uq_organisation_enterprise_code")),
        sa.UniqueConstraint("tax_code", name=op.f("uq_organisation_tax_code")),
    )
    with op.batch_alter_table("account") as batch:
        batch.add_column(sa.Column("organisation_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_account_organisation_id_organisation"),
            "organisation",
            ["organisation_id"],
            ["id"],
        )
        batch.create_index(batch.f("ix_account_organisation_id"), ["organisation_id"])


def downgrade() -> None:
    """Accounts of enterprises stay; what the enterprises registered with goes."""
    with op.batch_alter_table("account") as batch:
        batch.drop_index(batch.f("ix_account_organisation_id"))
        batch.drop_constraint(
            op.f("fk_account_organisation_id_organisation"), type_="foreignkey"
        )
        batch.drop_column("organisation_id")
    op.drop_table("organisation")
