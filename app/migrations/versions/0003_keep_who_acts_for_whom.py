"""Keep who acts for whom.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Delegations, for whom a login acts, and what was done for another are found."""
    op.create_table('delegation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('grantor_id', sa.Integer(), nullable=False),
    sa.Column('grantee_id', sa.Integer(), nullable=False),
    sa.Column('processes', sa.Text(), nullable=True),
    sa.Column('groups', sa.Text(), nullable=True),
    sa.Column('units', sa.Text(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.Column('permitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('permitted_by', sa.String(length=120), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.String(length=120), nullable=True),
    sa.ForeignKeyConstraint(['grantee_id'], ['account.id'], name=op.f('fk_delegation_grantee_id_account')),
    sa.ForeignKeyConstraint(['grantor_id'], ['account.id'], name=op.f('fk_delegation_grantor_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delegation')),
    sa.UniqueConstraint('number', name=op.f('uq_delegation_number'))
    )
    with op.batch_alter_table('delegation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delegation_grantee_id'), ['grantee_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_delegation_grantor_id'), ['grantor_id'], unique=False)

    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.create_index('ix_entry_behalf_of', ['behalf_of', 'at'], unique=False, sqlite_where=sa.text('behalf_of IS NOT NULL'), postgresql_where=sa.text('behalf_of IS NOT NULL'))
        batch_op.create_index('ix_entry_handed_over', ['right'], unique=False, sqlite_where=sa.text("kind = 'work_handed_over'"), postgresql_where=sa.text("kind = 'work_handed_over'"))

    with op.batch_alter_table('login', schema=None) as batch_op:
        batch_op.add_column(sa.Column('delegation_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_login_delegation_id'), ['delegation_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_login_delegation_id_delegation'), 'delegation', ['delegation_id'], ['id'])


def downgrade() -> None:
    """Nobody acts for anybody."""
    with op.batch_alter_table('login', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_login_delegation_id_delegation'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_login_delegation_id'))
        batch_op.drop_column('delegation_id')

    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.drop_index('ix_entry_handed_over', sqlite_where=sa.text("kind = 'work_handed_over'"), postgresql_where=sa.text("kind = 'work_handed_over'"))
        batch_op.drop_index('ix_entry_behalf_of', sqlite_where=sa.text('behalf_of IS NOT NULL'), postgresql_where=sa.text('behalf_of IS NOT NULL'))

    with op.batch_alter_table('delegation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_delegation_grantor_id'))
        batch_op.drop_index(batch_op.f('ix_delegation_grantee_id'))

    op.drop_table('delegation')