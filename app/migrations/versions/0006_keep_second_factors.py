"""Keep second factors.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Authenticators and recovery codes are kept, and what a login has to show yet."""
    op.create_table(
        "totp",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_counter", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_totp_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_totp")),
        sa.UniqueConstraint("account_id", name=op.f("uq_totp_account_id")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
    )
    with op.batch_alter_table("recovery_code") as batch:
        batch.create_index(batch.f("ix_recovery_code_account_id"), ["account_id"])
    with op.batch_alter_table("login") as batch:
        batch.add_column(sa.Column("steps", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Everybody logs in by the password alone; logins that waited for more have ended."""
    op.execute("UPDATE login SET ended_at = ends_at WHERE steps <> '[]' AND ended_at IS NULL")
    with op.batch_alter_table("login") as batch:
        batch.drop_column("steps")
    op.drop_table("recovery_code")
    op.drop_table("totp")
