"""Keep numbering books, their series, and every number given.

Revision 0020, after 0019.
"""

import sqlalchemy as sa
from alembic import op

import app.migrations.operations  # noqa: F401 - op.keep_rows

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The books that ship are loaded at the next start, as settings are."""
    op.create_table(
        "numbering_book",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("title_en", sa.String(300), nullable=False),
        sa.Column("pattern", sa.String(200), nullable=False),
        sa.Column("restart", sa.String(10), nullable=False),
        sa.Column("is_per_unit", sa.Boolean(), nullable=False),
        sa.Column("split_by", sa.Text(), nullable=False),
        sa.Column("late_days", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.String(120), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "restart IN ('year', 'day', 'never')", name=op.f("ck_numbering_book_restart")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_numbering_book")),
    )
    op.create_index(
        "ix_numbering_book_key_effective_from", "numbering_book", ["key", "effective_from"]
    )
    op.create_table(
        "number_series",
        sa.Column("scope", sa.String(300), nullable=False),
        sa.Column("book", sa.String(80), nullable=False),
        sa.Column("unit", sa.String(80), nullable=True),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_number_series")),
    )
    op.create_index(op.f("ix_number_series_book"), "number_series", ["book"])
    _numbers()
    op.keep_rows("numbering_book")
    op.keep_rows("given_number")


def _numbers() -> None:
    op.create_table(
        "given_number",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(300), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope"], ["number_series.scope"], name=op.f("fk_given_number_scope_number_series")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_given_number_case_id_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_given_number")),
        sa.UniqueConstraint(
            "scope", "period", "number", name=op.f("uq_given_number_scope_period_number")
        ),
    )
    op.create_index(op.f("ix_given_number_text"), "given_number", ["text"])
    op.create_index(op.f("ix_given_number_case_id"), "given_number", ["case_id"])


def downgrade() -> None:
    """The numbers stay in the journals of the cases that got them."""
    op.free_rows("given_number")
    op.free_rows("numbering_book")
    op.drop_table("given_number")
    op.drop_table("number_series")
    op.drop_table("numbering_book")
