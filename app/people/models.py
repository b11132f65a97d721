"""Units, persons, accounts, grants and what is known of every login.

Dates: `valid_from` and `valid_to` are local days and both belong to the span; `valid_to` None is
open. An account's `name` is what the engine, case data and journals know it by.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.people import vietnamese
from engine.database import Base, Canonical, Instant, insert_only

INTERNAL, CUSTOMER = "internal", "customer"


class Unit(Base):
    """A unit's identity: its code, which never changes and is never given again."""

    __tablename__ = "unit"
    code: Mapped[str] = mapped_column(sa.String(80), primary_key=True)


class UnitSpan(Base):
    """What a unit was called and to whom it belonged between two days.

    kind: province, authority, office, division, commune, ... (data, the tenant's own words).
    """

    __tablename__ = "unit_span"
    __table_args__ = (
        sa.Index("ix_unit_span_unit_code_valid_from", "unit_code", "valid_from", unique=True),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_code: Mapped[str] = mapped_column(sa.ForeignKey("unit.code"))
    parent_code: Mapped[str | None] = mapped_column(sa.ForeignKey("unit.code"), index=True)
    name: Mapped[str] = mapped_column(sa.String(300))
    name_en: Mapped[str | None] = mapped_column(sa.String(300))
    kind: Mapped[str] = mapped_column(sa.String(40))
    position: Mapped[int] = mapped_column(default=0)  # the order among the units of one parent
    valid_from: Mapped[date] = mapped_column(sa.Date)
    valid_to: Mapped[date | None] = mapped_column(sa.Date)
    basis: Mapped[str] = mapped_column(sa.Text, default="")


class UnitHeir(Base):
    """Which unit has taken over, between two days, what another that is gone left behind."""

    __tablename__ = "unit_heir"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_code: Mapped[str] = mapped_column(sa.ForeignKey("unit.code"), index=True)
    heir_code: Mapped[str] = mapped_column(sa.ForeignKey("unit.code"), index=True)
    valid_from: Mapped[date] = mapped_column(sa.Date)
    valid_to: Mapped[date | None] = mapped_column(sa.Date)
    basis: Mapped[str] = mapped_column(sa.Text, default="")


class UnitChange(Base):
    """A change of the tree as it was decided: merged, split, ...; see `organisation.reorganising`.

    plan: what was chosen, as the page posts it. took_effect_at: when the accounts moved, which no
    date can foretell. wrote: the dated rows that it wrote, see `organisation.traces`; None of a
    change that was decided before they were kept.
    """

    __tablename__ = "unit_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))  # merge, split, close, move, rename, open
    unit_code: Mapped[str] = mapped_column(sa.ForeignKey("unit.code"), index=True)
    day: Mapped[date] = mapped_column(sa.Date, index=True)
    plan: Mapped[dict[str, Any]] = mapped_column(Canonical)
    basis: Mapped[str] = mapped_column(sa.Text)
    decided_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str] = mapped_column(sa.String(120))
    took_effect_at: Mapped[datetime | None] = mapped_column(Instant)
    wrote: Mapped[dict[str, Any] | None] = mapped_column(Canonical)
    called_off_at: Mapped[datetime | None] = mapped_column(Instant)
    called_off_by: Mapped[str | None] = mapped_column(sa.String(120))
    called_off_reason: Mapped[str | None] = mapped_column(sa.Text)


class FieldOfWork(Base):
    """A field (lĩnh vực) of the agency's work, such as investment or labour (HP-4.1b, KH-12.5)."""

    __tablename__ = "field_of_work"
    code: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    name_en: Mapped[str | None] = mapped_column(sa.String(200))
    source: Mapped[str] = mapped_column(sa.String(300), default="")
    position: Mapped[int] = mapped_column(default=0)


class UnitField(Base):
    """A field that a unit works in between two days."""

    __tablename__ = "unit_field"
    __table_args__ = (sa.Index("ix_unit_field_field_code_unit_code", "field_code", "unit_code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_code: Mapped[str] = mapped_column(sa.ForeignKey("unit.code"), index=True)
    field_code: Mapped[str] = mapped_column(sa.ForeignKey("field_of_work.code"))
    valid_from: Mapped[date] = mapped_column(sa.Date)
    valid_to: Mapped[date | None] = mapped_column(sa.Date)
    basis: Mapped[str] = mapped_column(sa.Text, default="")


class Person(Base):
    """A natural person, once, whatever accounts and posts he or she holds (requirements 7.1)."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    full_name: Mapped[str] = mapped_column(sa.String(200))
    birth_date: Mapped[date | None] = mapped_column(sa.Date)
    sex: Mapped[str | None] = mapped_column(sa.String(10))  # male, female
    address: Mapped[str] = mapped_column(sa.String(500), default="")
    phone: Mapped[str | None] = mapped_column(sa.String(30), index=True)  # as +84...
    email: Mapped[str | None] = mapped_column(sa.String(200), index=True)  # lower case
    # By what document the person was trained to administer (KH-11.1b), as far as anybody asked.
    training: Mapped[str | None] = mapped_column(sa.String(300))
    # Both keys are kept in step with full_name by `set_names`: order and search need no function
    # of the database, of which the two have different ones.
    sort_key: Mapped[str] = mapped_column(sa.String(1600), index=True, default="")
    search: Mapped[str] = mapped_column(sa.String(900), default="")

    @validates("full_name")
    def set_names(self, _key: str, full_name: str) -> str:
        full_name = vietnamese.tidy(full_name)
        self.sort_key = vietnamese.person_sort_key(full_name)
        self.search = vietnamese.search_key(full_name)
        return full_name


class Post(Base):
    """What somebody is in a unit between two days; kind: head, deputy, member."""

    __tablename__ = "post"
    __table_args__ = (sa.Index("ix_post_unit_code_kind", "unit_code", "kind"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    unit_code: Mapped[str] = mapped_column(sa.ForeignKey("unit.code"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    valid_from: Mapped[date] = mapped_column(sa.Date)
    valid_to: Mapped[date | None] = mapped_column(sa.Date)
    basis: Mapped[str] = mapped_column(sa.Text, default="")


class Account(Base):
    """The right of one person to log in under a name that is theirs for ever.

    realm: internal or customer; both may own "nguyenvana" (KH), so names are unique in a realm.
    kind: internal, administrator, enterprise (HP-8.3). status: active, suspended, closed.
    password_set_at: None until the holder has chosen a password; until then nobody can log in.
    """

    __tablename__ = "account"
    __table_args__ = (
        sa.UniqueConstraint("realm", "user_name"),
        sa.CheckConstraint("user_name = lower(user_name)", name="lower_case"),
        # One account of a kind for each person (HP-8.1, BD-11.1, YC-3.2); closed ones may pile up.
        sa.Index(
            "uq_account_person_id_kind_open",
            "person_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("status <> 'closed'"),
            postgresql_where=sa.text("status <> 'closed'"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    realm: Mapped[str] = mapped_column(sa.String(10), default=INTERNAL)
    user_name: Mapped[str] = mapped_column(sa.String(100))
    kind: Mapped[str] = mapped_column(sa.String(20))
    status: Mapped[str] = mapped_column(sa.String(12), default="active")
    label: Mapped[str] = mapped_column(sa.String(200), default="")
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    unit_code: Mapped[str | None] = mapped_column(sa.ForeignKey("unit.code"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id"), index=True
    )
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    password_set_at: Mapped[datetime | None] = mapped_column(Instant)
    must_change: Mapped[bool] = mapped_column(default=True)
    barred_at: Mapped[datetime | None] = mapped_column(Instant)
    """Since when it waits for the one-time link by which its holder is known again."""
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)
    last_login_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(sa.String(120))
    basis: Mapped[str] = mapped_column(sa.Text, default="")
    activated_at: Mapped[datetime | None] = mapped_column(Instant)
    deactivated_at: Mapped[datetime | None] = mapped_column(Instant)
    # Closed for ever: see `app.people.accounts.deleting`.
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
    # The text of the terms of use that the holder accepted; see `app.people.login.terms`.
    terms_version: Mapped[str | None] = mapped_column(sa.String(64))
    terms_accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    # When the holder was told that the account rests too long; see `app.people.accounts.idle`.
    idle_warned_at: Mapped[datetime | None] = mapped_column(Instant)
    language: Mapped[str | None] = mapped_column(sa.String(5))
    # How lists and keys are for this person on any machine: {"density": "airy", "keys": "off"}.
    display: Mapped[dict[str, str] | None] = mapped_column(Canonical)
    person: Mapped[Person] = relationship(lazy="raise")

    @property
    def name(self) -> str:
        """What the engine and journals call the account: "annv.sonhai", "customer:nguyenvana"."""
        return self.user_name if self.realm == INTERNAL else f"{self.realm}:{self.user_name}"

    @validates("user_name", "realm")
    def keep_name(self, key: str, value: str) -> str:
        """A name is fixed once given (HP-8.2a, KH-12.4a4)."""
        before = self.__dict__.get(key)
        if before is not None and before != value:
            raise ValueError(f"the {key} of account {before} is fixed")
        return value


class ReservedName(Base):
    """Every user name ever given out: names of closed and deleted accounts stay taken."""

    __tablename__ = "reserved_name"
    realm: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    user_name: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    given_at: Mapped[datetime] = mapped_column(Instant)


class GroupChange(Base):
    """What the tenant says of a group from a day on, in place of what ships (KH-7.2a, KH-7.2b).

    Of several rows the one with the latest `effective_from` holds, of these the last written.
    """

    __tablename__ = "group_change"
    __table_args__ = (
        sa.Index("ix_group_change_group_key_effective_from", "group_key", "effective_from"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    group_key: Mapped[str] = mapped_column(sa.String(80))
    name: Mapped[str] = mapped_column(sa.String(200))
    name_en: Mapped[str] = mapped_column(sa.String(200))
    kinds: Mapped[list[str]] = mapped_column(Canonical)
    permissions: Mapped[list[str]] = mapped_column(Canonical)
    effective_from: Mapped[date] = mapped_column(sa.Date)
    basis: Mapped[str] = mapped_column(sa.Text)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(sa.String(120))


class AccountReview(Base):
    """That the accounts of a unit were to be reviewed in a period; see `rights.reviews`."""

    __tablename__ = "account_review"
    unit_code: Mapped[str] = mapped_column(sa.ForeignKey("unit.code"), primary_key=True)
    period: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(Instant)


class Grant(Base):
    """A group that an account belongs to within a unit, as far as its scope, between two days.

    Bound to the account and not to the person, because one person's administration account must
    not bring the rights of the clerk along (HP-6.3). `revoked_at` ends it at once.
    revoked_until: the last day of a withdrawal for some days; None is for good. continues_id: the
    grant of which this one is the rest, after a withdrawal, a reorganisation or a new account.
    """

    __tablename__ = "grant"
    __table_args__ = (sa.Index("ix_grant_group_key_unit_code", "group_key", "unit_code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    group_key: Mapped[str] = mapped_column(sa.String(80))
    unit_code: Mapped[str] = mapped_column(sa.ForeignKey("unit.code"), index=True)
    with_below: Mapped[bool] = mapped_column(default=False)
    everywhere: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    field_code: Mapped[str | None] = mapped_column(sa.ForeignKey("field_of_work.code"), index=True)
    valid_from: Mapped[date] = mapped_column(sa.Date)
    valid_to: Mapped[date | None] = mapped_column(sa.Date)
    granted_at: Mapped[datetime] = mapped_column(Instant)
    granted_by: Mapped[str] = mapped_column(sa.String(120))
    basis: Mapped[str] = mapped_column(sa.Text, default="")
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_by: Mapped[str | None] = mapped_column(sa.String(120))
    revoked_basis: Mapped[str | None] = mapped_column(sa.Text)
    revoked_until: Mapped[date | None] = mapped_column(sa.Date)
    continues_id: Mapped[int | None] = mapped_column(sa.ForeignKey("grant.id"), index=True)

    @property
    def scope(self) -> str:
        """unit, below (the unit and all below it), field (of these the units that work in
        field_code), province (every unit of the organisation).
        """
        if self.everywhere:
            return "province"
        return "field" if self.field_code else "below" if self.with_below else "unit"


class Delegation(Base):
    """One account may do the work of another between two days, as a head has permitted (YC-3.4).

    number: the code of the case that permitted it; of one that was taken over from another grantee
    that code, "/" and the other's id. kind: delegation, or substitution in absence.
    processes, groups, units: what of the grantor's work; None is all. ended_at ends it at once.
    """

    __tablename__ = "delegation"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(60), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    grantor_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    grantee_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    processes: Mapped[list[str] | None] = mapped_column(Canonical)
    groups: Mapped[list[str] | None] = mapped_column(Canonical)
    units: Mapped[list[str] | None] = mapped_column(Canonical)
    valid_from: Mapped[date] = mapped_column(sa.Date)
    valid_to: Mapped[date] = mapped_column(sa.Date)
    basis: Mapped[str] = mapped_column(sa.Text, default="")
    permitted_at: Mapped[datetime] = mapped_column(Instant)
    permitted_by: Mapped[str] = mapped_column(sa.String(120))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[str | None] = mapped_column(sa.String(120))
    grantor: Mapped[Account] = relationship(lazy="raise", foreign_keys=[grantor_id])
    grantee: Mapped[Account] = relationship(lazy="raise", foreign_keys=[grantee_id])


class Login(Base):
    """One stay of an account, on one browser; the cookie holds the token, this row its sha256."""

    __tablename__ = "login"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    began_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    # The limits of the day on which it began, so that no page has to ask for them.
    idle_minutes: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(Instant)
    locked_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    address: Mapped[str] = mapped_column(sa.String(60), default="")
    agent: Mapped[str] = mapped_column(sa.String(300), default="")
    # What the holder has to do yet before working here: ["second_factor"]; see `factors.needs`.
    steps: Mapped[list[str]] = mapped_column(Canonical, default=list, server_default="[]")
    # For whom the holder has chosen to act in this stay; see `app.people.acting`.
    delegation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("delegation.id"), index=True)
    # By what it was opened, and what a provider of single sign-on calls it: see `login.ways`.
    way: Mapped[str] = mapped_column(sa.String(80), default="password", server_default="password")
    # When the holder last showed in this stay that it is they who sit there.
    outside_subject: Mapped[str | None] = mapped_column(sa.String(300), index=True)
    outside_session: Mapped[str | None] = mapped_column(sa.String(300), index=True)
    id_token: Mapped[str | None] = mapped_column(sa.Text)
    proven_at: Mapped[datetime | None] = mapped_column(Instant)
    account: Mapped[Account] = relationship(lazy="raise")


class FirstLink(Base):
    """A one-time link on which the holder chooses a password; see `app.people.login.links`."""

    __tablename__ = "first_link"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(64), unique=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    issued_by: Mapped[str] = mapped_column(sa.String(120))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)  # used, or replaced by a newer one
    account: Mapped[Account] = relationship(lazy="raise")


class OldPassword(Base):
    """Every password an account ever had, as its hash: administrators may not go back to one."""

    __tablename__ = "old_password"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    set_at: Mapped[datetime] = mapped_column(Instant)
    account: Mapped[Account] = relationship(lazy="raise")


class AccountLog(Base):
    """One event of an account's life: who, what, when, from where (vn-rules 5.2)."""

    __tablename__ = "account_log"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    event: Mapped[str] = mapped_column(sa.String(40), index=True)
    account: Mapped[str] = mapped_column(sa.String(120), index=True)
    actor: Mapped[str] = mapped_column(sa.String(120), index=True)
    unit_code: Mapped[str | None] = mapped_column(sa.String(80), index=True)
    address: Mapped[str] = mapped_column(sa.String(60), default="")
    details: Mapped[dict[str, Any]] = mapped_column(Canonical)


for kept in (ReservedName, AccountLog, GroupChange):
    insert_only(kept.__table__)  # type: ignore[arg-type]  # a Table at run time
