"""`python -m app` is the command line."""

import sys
from importlib import import_module

# Commands that need no application start without it, each by `main` of its own module.
ALONE = {
    "check": "app.cli_check",
    "feel": "app.cli_ask",
    "decide": "app.cli_decide",
    "simulate": "app.cli_simulate",
}


def main() -> None:
    """Runs the command that was asked for."""
    module = ALONE.get(sys.argv[1] if len(sys.argv) > 1 else "", "app.cli")
    import_module(module).main()


main()
