"""A finding goes from one process to another as JSON and says the same there."""

from __future__ import annotations

import json

from engine.check.finding import packed, unpacked
from tests.engine.check.drawn import END, FORMAL, START, TASK, findings, flows, whole

BROKEN = (
    START + TASK + '<exclusiveGateway id="g"/>' + END + flows("s a g e", "g nowhere")
    + '<sequenceFlow id="c" sourceRef="g" targetRef="a"><conditionExpression '
    + FORMAL + ">amount &gt; (</conditionExpression></sequenceFlow>"
)  # fmt: skip


def test_a_packed_finding_says_the_same_when_it_is_unpacked():
    given = findings(BROKEN) + findings(whole("<").replace("</definitions>", ""))
    assert {"bad-expression", "dangling-reference", "unreadable"} <= {f.rule for f in given}
    for finding in given:
        again = unpacked(json.loads(json.dumps(packed(finding))))
        assert again.record() == finding.record()
        assert set(again.fields) == set(finding.fields)


def test_sentences_within_a_finding_stay_apart_so_that_they_can_be_translated():
    (finding,) = (f for f in findings(BROKEN) if f.rule == "bad-expression")
    again = unpacked(json.loads(json.dumps(packed(finding))))
    assert again.fields["problem"].template == finding.fields["problem"].template
