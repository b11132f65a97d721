"""Keep lists of people that are imported, row by row.

Revision 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No list has been imported yet."""
    op.create_table(
        "roll_import",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("file", sa.String(120), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("encoding", sa.String(20), nullable=False),
        sa.Column("fields", sa.Text(), nullable=True),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("choice", sa.String(5), nullable=True),
        sa.Column("with_links", sa.Boolean(), nullable=False),
        sa.Column("number", sa.String(100), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("case_code", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(120), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_roll_import_sha256", "roll_import", ["sha256"])
    op.create_index("ix_roll_import_created_by", "roll_import", ["created_by"])
    op.create_table(
        "roll_import_row",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("import_id", sa.Integer(), sa.ForeignKey("roll_import.id"), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("full_name", sa.String(200), nullable=False),
        sa.Column("unit_code", sa.String(80), nullable=True),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.Column("account", sa.String(120), nullable=True),
        sa.Column("sent", sa.Boolean(), nullable=False),
    )
    op.create_index(
        "ix_roll_import_row_import_id_status", "roll_import_row", ["import_id", "status"]
    )


def downgrade() -> None:
    """The accounts that were opened from lists stay; the account log tells of each list."""
    op.drop_table("roll_import_row")
    op.drop_table("roll_import")
