"""`python -m app` is the command line."""

import os
import sys
from importlib import import_module

from app import terminal

# Commands that need no application start without it, each by `main` of its own module.
ALONE = {
    "check": "app.cli_check",
    "coverage": "app.cli_coverage",
    "feel": "app.cli_ask",
    "decide": "app.cli_decide",
    "simulate": "app.cli_simulate",
}


def main() -> None:
    """Runs the command that was asked for, if it may speak the language that was chosen."""
    if not terminal.speaks():
        chosen = os.environ["QUYTRINH_LANGUAGE"]
        words = "QUYTRINH_LANGUAGE is “%(chosen)s”; it must be vi or en."
        sys.stderr.write(f"{terminal.gettext(words, chosen=chosen)}\n")
        sys.exit(2)
    module = ALONE.get(sys.argv[1] if len(sys.argv) > 1 else "", "app.cli")
    import_module(module).main()


main()
