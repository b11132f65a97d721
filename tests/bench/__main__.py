"""`python -m tests.bench [NAME...] [--json] [--quick]`.

Exit status: 0 every bar holds, 1 one does not, 2 it could not run.
"""

from __future__ import annotations

import argparse
import sys

from tests.bench.figures import Figure, table
from tests.bench.places import places
from tests.bench.registry import BENCHES


def main(arguments: list[str]) -> int:
    """Runs the named benches, or all, on every database and prints their figures."""
    parser = argparse.ArgumentParser(prog="bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--json", action="store_true", help="one JSON object a figure")
    parser.add_argument("--quick", action="store_true", help="show only that they run")
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in BENCHES:
            print(f"There is no bench {name}; there are {', '.join(BENCHES)}.", file=sys.stderr)
            return 2
    figures: list[Figure] = []
    with places() as found:
        for name in options.names or BENCHES:
            for place in found:
                for figure in BENCHES[name].figures(place, quick=options.quick):
                    figures.append(figure)
                    if options.json:
                        print(figure.as_json(), flush=True)
    if not options.json:
        print("\n".join(table(figures)))
    return 1 if any(figure.holds is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
