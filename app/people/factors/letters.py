"""The letter that tells the holder of an account that a second factor came, went or was used."""

from __future__ import annotations

from flask_babel import force_locale, gettext, lazy_gettext
from sqlalchemy.orm import Session

from app import i18n, words
from app.people.log import Origin
from app.people.models import Account
from app.people.settings import setting
from engine import Engine

NEWS = {
    "factor_added": lazy_gettext("An authenticator was set up as second factor of your account."),
    "factor_removed": lazy_gettext("The second factor of your account was removed."),
    "factor_reset": lazy_gettext(
        "An administrator removed the second factor of your account and ended all its logins."
    ),
    "passkey_added": lazy_gettext("A passkey was added to your account."),
    "passkey_removed": lazy_gettext("A passkey of your account was removed."),
    "passkey_copied": lazy_gettext(
        "A passkey of your account was used on two devices, so it may have been copied. It opens "
        "nothing any more, and all logins of the account have ended."
    ),
    "recovery_codes_made": lazy_gettext(
        "New recovery codes were made for your account; the ones before are worth nothing."
    ),
    "recovery_code_used": lazy_gettext("Somebody logged in with a recovery code of your account."),
}


def tell(
    engine: Engine, session: Session, account: Account, event: str, *, origin: Origin
) -> None:
    """The holder reads it after the commit, in their language; nothing where no address is known.

    account: with its person loaded. event: one of NEWS.
    """
    if not account.person.email:
        return
    letter = {"to": account.person.email, **_words(session, account, event, origin)}
    key = f"factor-letter:{account.name}:{event}:{origin.now.isoformat()}"
    engine.enqueue(session, "mail.send", letter, key=key)


def _words(session: Session, account: Account, event: str, origin: Origin) -> dict[str, str]:
    with force_locale(account.language or i18n.LANGUAGES[0]):
        lines = [
            gettext("Dear %(name)s,", name=account.person.full_name),
            "",
            str(NEWS[event]),
            "",
            gettext("User name: %(name)s", name=account.name),
            gettext("When: %(when)s", when=words.instant(origin.now)),
            gettext("By: %(who)s", who=origin.actor),
            gettext("From the address: %(address)s", address=origin.address or "–"),
            "",
            gettext("Was it not you? Change your password and tell your unit's administrator."),
            "",
            str(setting(session, origin.now, "agency.name") or ""),
            gettext("This letter was sent by the software; do not answer it."),
        ]
        return {"subject": gettext("The second factor of your account"), "text": "\n".join(lines)}
