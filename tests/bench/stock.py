"""SpiffWorkflow as it comes, cold: the reference that `age` is held against.

Each completion loads the row, restores, completes, serialises and saves, and does nothing else, in
one transaction of the same database through the same pool with the same durability. It keeps no
journal and no inbox, asks for no right and checks no form. The library's own serializer writes the
spec into every state and reads it back; nothing of a case is kept in memory between two steps.

`lean` is beside it for comparison, no longer stock: a converter of our own leaves the spec out of
the state and takes the one that was parsed, as a program that knows the library well might do.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import sqlalchemy as sa
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

TABLE = sa.Table(
    "stock_case",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
)
READ = sa.select(TABLE.c.state).where(TABLE.c.id == sa.bindparam("case")).with_for_update()
BEGIN = sa.insert(TABLE).values(state=sa.bindparam("new")).returning(TABLE.c.id)
SAVE = sa.update(TABLE).where(TABLE.c.id == sa.bindparam("case")).values(state=sa.bindparam("new"))


def _lean_serializer(spec: Any) -> BpmnWorkflowSerializer:
    class WithoutSpec(BpmnWorkflowConverter):
        """A case's state without its spec, which is known already."""

        def to_dict(self, workflow: Any) -> dict[str, Any]:
            # The method of the grandparent gives all but the two specs; the rest is as there.
            found = super(BpmnWorkflowConverter, self).to_dict(workflow)
            found["subprocesses"] = self.mapping_to_dict(workflow.subprocesses)
            found["bpmn_events"] = self.registry.convert(workflow.bpmn_events)
            return found

        def from_dict(self, saved: dict[str, Any]) -> Any:
            return super().from_dict({**saved, "spec": spec})

    return BpmnWorkflowSerializer(
        BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, BpmnWorkflow: WithoutSpec})
    )


class Stock:
    """Cases of one drawing, cold at every step; `lean`: but for their spec."""

    def __init__(self, bind: sa.Engine, drawing: str, process: str, *, lean: bool = False) -> None:
        parser = BpmnParser()
        parser.add_bpmn_io(BytesIO(drawing.encode()))
        self.bind = bind
        self.spec = parser.get_spec(process)
        self.scripts = PythonScriptEngine()
        plain = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        self.serializer = _lean_serializer(self.spec) if lean else plain
        TABLE.create(bind, checkfirst=True)

    def grown(self, steps: list[dict[str, Any]]) -> str:
        """The state of a case that has these steps behind it."""
        workflow = BpmnWorkflow(self.spec, script_engine=self.scripts)
        workflow.do_engine_steps()
        for data in steps:
            _complete(workflow, data)
        return str(self.serializer.serialize_json(workflow))

    def put(self, case: int, state: str) -> None:
        """The case's row holds that state."""
        with self.bind.begin() as connection:
            connection.execute(sa.delete(TABLE).where(TABLE.c.id == case))
            connection.execute(sa.insert(TABLE).values(id=case, state=state))

    def start(self) -> tuple[int, bool]:
        """A new case at its first rest, durably: its row, and whether it waits for somebody."""
        with self.bind.begin() as connection:
            workflow = BpmnWorkflow(self.spec, script_engine=self.scripts)
            workflow.do_engine_steps()
            state = self.serializer.serialize_json(workflow)
            case = connection.execute(BEGIN, {"new": state}).scalar_one()
        return case, not workflow.is_completed()

    def complete(self, case: int, data: dict[str, Any]) -> bool:
        """The case's open task is done, durably; whether it waits for somebody again."""
        with self.bind.begin() as connection:
            state = connection.execute(READ, {"case": case}).scalar_one()
            workflow = self.serializer.deserialize_json(state)
            workflow.script_engine = self.scripts
            _complete(workflow, data)
            after = self.serializer.serialize_json(workflow)
            connection.execute(SAVE, {"case": case, "new": after})
        return not workflow.is_completed()


def _complete(workflow: Any, data: dict[str, Any]) -> None:
    task = workflow.get_tasks(state=TaskState.READY, manual=True)[0]
    task.data.update(data)
    task.run()
    workflow.do_engine_steps()
