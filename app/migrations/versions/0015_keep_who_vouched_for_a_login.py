"""Keep who vouched for a login.

Revision 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of a login by single sign-on, what the provider calls its holder and its own login."""
    with op.batch_alter_table("login") as batch:
        batch.add_column(sa.Column("outside_subject", sa.String(300), nullable=True))
        batch.add_column(sa.Column("outside_session", sa.String(300), nullable=True))
        batch.add_column(sa.Column("id_token", sa.Text(), nullable=True))
        batch.create_index(batch.f("ix_login_outside_session"), ["outside_session"])
        batch.create_index(batch.f("ix_login_outside_subject"), ["outside_subject"])


def downgrade() -> None:
    """Logins that a provider opened, and could not be ended by it any more, have ended."""
    op.execute("UPDATE login SET ended_at = ends_at WHERE way LIKE 'oidc:%' AND ended_at IS NULL")
    with op.batch_alter_table("login") as batch:
        batch.drop_index(batch.f("ix_login_outside_subject"))
        batch.drop_index(batch.f("ix_login_outside_session"))
        batch.drop_column("id_token")
        batch.drop_column("outside_session")
        batch.drop_column("outside_subject")
