"""Proof of a case: its journal is what was written, and all else says what the journal gives.

`verify` does it in three turns, each only if the one before found nothing: the version and the
chain of hashes (`chain`), every input run again (`replay`), and the rows that people and the
machine see (`rows`, `work`, `kept`) held against what the journal tells of them (`told`).
"""

from engine.proof.chain import chain
from engine.proof.replay import FORGED, Replay, Step
from engine.proof.verdict import Around, Difference, Verdict
from engine.proof.verifying import verify

__all__ = ["FORGED", "Around", "Difference", "Replay", "Step", "Verdict", "chain", "verify"]
