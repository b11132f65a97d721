"""A drawing from which things were torn out is answered by findings, never by a traceback."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from lxml import etree

from engine import Bundle
from engine.check import Catalogue, check_bundle

ROOT = Path(__file__).parents[2]
KEY = "account-grant-internal"
WHOLE = Bundle.read(ROOT, KEY)
PATH = f"processes/bpmn/{KEY}.bpmn"

cuts = some.lists(
    some.tuples(
        some.integers(0, 10_000),
        some.sampled_from(["element", "attribute", "text", "empty", "swap"]),
        some.integers(0, 10),
    ),
    min_size=1,
    max_size=12,
)


def torn(source: str, places: list[tuple[int, str, int]]) -> str:
    """The drawing without some elements and attributes, with others emptied or exchanged."""
    root = etree.fromstring(source.encode())
    for number, what, which in places:
        elements = [e for e in root.iter() if isinstance(e.tag, str) and e is not root]
        if not elements:
            break
        element = elements[number % len(elements)]
        names = sorted(element.attrib)
        name = names[which % len(names)] if names else None
        if what == "element":
            element.getparent().remove(element)
        elif what == "text":
            element.text = "²("
        elif what == "swap":
            element.tag = elements[(number * 7 + which) % len(elements)].tag
        elif name is not None and what == "attribute":
            del element.attrib[name]
        elif name is not None:
            element.set(name, "")
    return etree.tostring(root, encoding="unicode")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cuts)
def test_a_torn_drawing_gives_findings_or_none(places):
    files = {**WHOLE.files, PATH: torn(WHOLE.files[PATH], places)}
    for finding in check_bundle(Bundle(KEY, files), Catalogue()):
        assert finding.record()["message"]
