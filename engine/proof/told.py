"""What the journal tells of the rows that stand beside it, entry by entry."""

from __future__ import annotations

from typing import Any

from engine import erasing, marking, telling
from engine.apply import HANDED_OVER, RECOUNTED, SUCCEEDED, Rest, Summary, Waiting
from engine.awaited import WAITED, keys_beside, wait_row
from engine.fold import fold
from engine.handing import holder
from engine.journal import outcome_name
from engine.program import Program
from engine.projection import MACHINE, column_row, job_row, task_row
from engine.tables import INNER, Entry

Row = dict[str, Any]
STATED = ("erased_at", "erased_why", "mark", "marked_at", "marked_why")
"""What steps of a case may have said of a file since it was attached."""
_THERE: Row = dict.fromkeys(STATED)
_GIVEN_BACK: Row = {"assignee": None, "claimed_at": None, "by_hand": frozenset()}


class Told:
    """What each row of a case has to say, by column, after the entries that were given."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.case: Row = {}
        self.tasks: dict[int, Row] = {}  # Open and closed ones, by token.
        self.jobs: dict[int, Row] = {}  # Timers and calls, due and done ones, by token.
        self.errands: dict[str, Row] = {}  # Messages and signals sent to other cases, by key.
        self.received: list[tuple[int, Row]] = []  # Entries and inputs that an errand brought.
        self.comments: list[Row] = []
        self.files: list[Row] = []
        self._waiting: dict[tuple[int, str], Waiting] = {}
        self._found: dict[str, Any] = {}  # The declared columns when the search text was made.

    def moved(self, entry: Entry, rest: Rest, found: Summary) -> None:
        """The entry has moved the case to a rest."""
        if "errand" in entry.input:
            self.received.append((entry.seq, entry.input))
        if entry.kind == "case_started":
            self._begin(entry)
        elif entry.kind == SUCCEEDED and self.case["unit"] == entry.input["before"]:
            self.case["unit"] = entry.input["after"]
        self._show(entry, rest, found)
        new = [key for key in rest.waiting if key not in self._waiting]
        self._close(entry, [key for key in self._waiting if key not in rest.waiting])
        self._waiting = rest.waiting
        for key in new:
            self._open(entry, rest.waiting[key])
        if entry.kind == RECOUNTED:
            self._recount(rest)
        elif entry.kind in (SUCCEEDED, HANDED_OVER):
            self._hand_on(entry, rest)
        self._send_out(entry, rest)

    def noted(self, entry: Entry) -> None:
        """The entry moves nothing, but a row says what it does."""
        said = entry.input
        hand = {"at": entry.at, "by": entry.actor, "by_label": entry.actor_label}
        if entry.kind == "comment_added":
            self.comments.append(
                {**hand, "text": said["text"], "audience": said.get("audience", INNER)}
            )
        elif entry.kind == "file_attached":
            names = ("name", "media_type", "size", "sha256")
            row = hand | {name: said[name] for name in names} | _THERE
            self.files.append(row | {"audience": said.get("audience")})
        elif entry.kind == "task_claimed":
            self.tasks[said["token"]] |= {
                "assignee": entry.behalf_of or entry.actor,
                "claimed_at": entry.at,
            }
        elif entry.kind == "task_assigned":
            task, who = self.tasks[said["token"]], f"={said['to']}"
            task |= {"assignee": said["to"], "claimed_at": entry.at}
            task["by_hand"] = {who} - task["named"]
        elif entry.kind == "task_released":
            self.tasks[said["token"]] |= _GIVEN_BACK
        elif entry.kind == "call_stuck":
            self.jobs[said["token"]] |= {"status": "stuck", "error": said["reason"]}
        elif entry.kind == "call_retried":
            self.jobs[said["token"]] |= {"status": "waiting", "error": None, "due_at": entry.at}

    def _begin(self, entry: Entry) -> None:
        base = entry.input["base"]
        self.case = {
            "id": base["case"]["id"],
            "code": base["case"]["code"],
            "process_key": entry.input["process"],
            "started_by": base["initiator"],
            "started_at": base["case"]["started_at"],
            "unit": base["unit"],
            "title": None,
            "columns": {},
            "outcome": None,
            "closed_at": None,
            "paused_at": None,
        }

    def _show(self, entry: Entry, rest: Rest, found: Summary) -> None:
        case, title = self.case, found.title[:500]
        # As where rows are written: of values that are equal (1 and 1.0) the first stays.
        if case["columns"] != found.columns or case["title"] != title:
            self._found = found.columns
        if case["columns"] != found.columns:
            case["columns"] = found.columns
        case["title"], case["due_at"], case["status"] = title, found.due_at, rest.status
        case["paused_at"] = (case["paused_at"] or entry.at) if rest.is_paused else None
        if rest.status != "open":
            case["outcome"] = outcome_name(self.program, rest.outcome)
            case["closed_at"] = entry.at

    def _close(self, entry: Entry, gone: list[tuple[int, str]]) -> None:
        """What the step left is done, by whom the entry names, or withdrawn."""
        for token, kind in gone:
            done = token == entry.input.get("token")
            if kind == "task":
                self.tasks[token] |= {
                    "status": "completed" if done else "cancelled",
                    "closed_by": entry.actor if done else None,
                    "closed_at": entry.at,
                }
            elif kind in MACHINE:
                status = "done" if done else "cancelled"
                self.jobs[token] |= {"status": status, "done_at": entry.at}

    def _open(self, entry: Entry, waiting: Waiting) -> None:
        if waiting.kind == "task":
            row = task_row(self.program, waiting, entry.at, self.case)
            row |= {"created_at": entry.at, "status": "open", "closed_by": None, "closed_at": None}
            named: Any = waiting.marks["candidates"]
            self.tasks[waiting.token] = {**row, "named": frozenset(named), "by_hand": frozenset()}
        elif waiting.kind in MACHINE:
            row = job_row(self.case["id"], self.case["code"], waiting, entry.at)
            self.jobs[waiting.token] = {**row, "error": None, "done_at": None}

    def _recount(self, rest: Rest) -> None:
        for (token, kind), waiting in rest.waiting.items():
            if kind == "task":
                self.tasks[token]["due_at"] = waiting.due or self.case["due_at"]
                self.tasks[token]["follow_up_at"] = waiting.marks.get("follow_up")
            elif kind == "timer" and self.jobs[token]["status"] == "waiting":
                self.jobs[token]["due_at"] = waiting.due

    def _hand_on(self, entry: Entry, rest: Rest) -> None:
        for (token, kind), waiting in rest.waiting.items():
            if kind == "task":
                named: Any = waiting.marks["candidates"]
                row = task_row(self.program, waiting, entry.at, self.case)
                self.tasks[token] |= {"unit": row["unit"], "named": frozenset(named)}
        if entry.kind == HANDED_OVER:
            for token in entry.input["tasks"]:
                self._hand(token, entry, entry.input["to"])
            for token in entry.input["back"]:
                self._hand(token, entry, None)

    def _hand(self, token: int, entry: Entry, new: str | None) -> None:
        task, old = self.tasks[token], entry.input["from"]
        names, before = task["named"] - task["by_hand"], task["assignee"]
        task["assignee"], assigned = holder(before, task["by_hand"], names, old=old, new=new)
        task["by_hand"] = frozenset(assigned)
        if task["assignee"] != before:
            task["claimed_at"] = entry.at if task["assignee"] else None

    def _send_out(self, entry: Entry, rest: Rest) -> None:
        unit, tail = self.case["unit"], f"{self.case['code']}:{entry.seq}"
        for number, (name, data) in enumerate(rest.thrown):
            payload: Any = {"name": name, "data": data, "from": self.case["id"], "unit": unit}
            self.errands[f"signal:{tail}:{number}"] = {"name": "signal", "payload": payload}
        for number, post in enumerate(rest.sent):
            row = {"name": "deliver", "payload": post.order(unit)}
            self.errands[f"message:{tail}:{number}"] = row
        for name, arguments, answer in entry.facts:
            if name == telling.NAME and answer.get("sent"):
                row = {"name": "deliver", "payload": telling.order_of(arguments[0], unit, answer)}
                self.errands[answer["errand"]] = row
            if name == erasing.NAME:
                self._erase(entry, arguments[0], answer["erased"])
            if name == marking.NAME:
                for row in self.files:
                    if row["sha256"] in answer["marked"]:
                        row |= marking.marked(arguments[0], entry.at)

    def _erase(self, entry: Entry, parameters: Any, gone: Any) -> None:
        for row in self.files:
            if row["erased_at"] is None and row["sha256"] in gone:
                row |= erasing.erased(parameters, entry.at)

    def search(self) -> str:
        """The folded text by which lists find the case."""
        texts = [self.case["code"], self.case["title"], *self._found.values()]
        return fold(" ".join(str(text) for text in texts if text is not None))

    def columns(self) -> dict[str, Row]:
        """The rows of the declared columns, by name."""
        return {
            name: column_row(self.case["id"], name, kind, self.case["columns"].get(name))
            for name, kind, _source in self.program.columns
        }

    def keys(self) -> set[tuple[int, str]]:
        """The keys under which messages are awaited beside their first, with their tokens."""
        return {(token, t) for token, ts in keys_beside(self._waiting).items() for t in ts}

    def waits(self) -> dict[int, Row]:
        """The rows of what the case waits for from outside, by token."""
        return {
            token: wait_row(self.program, self.case["id"], waiting)
            for (token, kind), waiting in self._waiting.items()
            if kind in WAITED
        }
