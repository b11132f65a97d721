"""The numbers that must hold, each a ratio to a reference that is measured in the same run.

`python -m tests.bench [NAME...] [--json]`, or `./quytrinh bench`. A bench is one module with a
function `run(place, effort)` that yields figures; `registry.py` names them all.
"""
