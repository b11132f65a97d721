"""`simulate`: what is called, and what goes in and out of it."""

from __future__ import annotations

import pytest

from engine.simulation import simulate
from tests.engine.drawings import Run, text

CALLED = """!<globalScriptTask id="G" name="Add" scriptLanguage="feel"><script>{out: given + 1}</script></globalScriptTask>
!<globalUserTask id="U" name="Ask"/>
start s
<callActivity id="k" calledElement="G"><extensionElements><camunda:in sourceExpression="5" target="given"/><camunda:out source="out" target="six"/></extensionElements></callActivity>
<callActivity id="u" calledElement="U"><extensionElements><camunda:out source="said" target="told"/></extensionElements></callActivity>
boundary b on=u error=E
end e
end f
s > k > u > e
b > f"""  # noqa: E501


@pytest.mark.parametrize("name", ["u", "U", "Ask"])
def test_what_a_called_global_task_does_goes_through_the_mappings_of_its_call(name):
    found = simulate(text(CALLED), answers={name: {"said": "yes"}})
    assert found.data == {"six": 6, "told": "yes"}
    assert found.entered == found.completed == ["s", "k", "u", "e"]
    live = Run(text(CALLED)).start().do("U", said="yes")
    assert live.case.frame.content == found.data


def test_a_called_global_task_rests_and_fails_where_it_is_called():
    open_ = simulate(text(CALLED), answers={"u": "wait"})
    assert open_.waiting == [{"element": "u", "kind": "task"}]
    assert simulate(text(CALLED), answers={"U": {"error": "E"}}).entered[-1] == "f"


def test_what_a_call_gives_in_another_language_is_passed_with_flow_only():
    lines = CALLED.replace('"5"', '"${order.total() > 3}"').replace(
        'source="said"', 'source="${said}"'
    )
    found = simulate(text(lines), answers={"u": {"said": 2}}, flow_only=True)
    assert (found.state, found.data) == ("completed", {"six": None, "told": 2})
