"""Keys that a conversation gets from its own messages: who is met by what (BPMN 2.0.2, 8.4.2)."""

from __future__ import annotations

from unicodedata import normalize

import pytest
import sqlalchemy as sa

from engine.conversations import ANY
from engine.correlation import of_parts
from engine.errors import NobodyWaits
from engine.simulation import Send, simulate
from engine.tables import Case, Task, Wait, WaitKey
from engine.telling import waits
from engine.world import KEYS_IN_ORDER, World
from tests.engine.conftest import AN
from tests.engine.drawings import Run, text
from tests.engine.test_simulation_pools import pools

WAY = "correlationPropertyRetrievalExpression"
WORK = "user a candidateGroups=chuyen-vien\nend e"
BUYER = 'start s\nthrow t message=Order in:order="=k"\ncatch c message=Paid\n' + WORK
BUYER += "\ns > t > c > a > e"
ASKED = {"order": {"Order": "order", "Paid": "order"}}


def keys(properties: dict[str, dict[str, str]], *of_key: str) -> str:
    """Correlation properties by name, each with FEEL by message, and a key for each of `of_key`:
    the names of its properties.
    """
    rows = []
    for name, ways in properties.items():
        inner = "".join(
            f'<{WAY} messageRef="message_{message}"><messagePath>{path}</messagePath></{WAY}>'
            for message, path in ways.items()
        )
        rows.append(f'!<correlationProperty id="{name}">{inner}</correlationProperty>')
    for number, names in enumerate(of_key or ("order",)):
        refs = "".join(
            f"<correlationPropertyRef>{name}</correlationPropertyRef>" for name in names.split()
        )
        key = f'<correlationKey id="ck{number}">{refs}</correlationKey>'
        rows.append(f'!<collaboration id="co{number}">{key}</collaboration>')
    return "\n".join(rows)


def awaited(run: Run) -> list[object]:
    return [w.marks.get("correlation") for w in run.waiting("message")]


def test_the_message_that_is_sent_first_populates_the_key(alone, deploy):
    deploy("w", f"{keys(ASKED)}\n{BUYER}")
    one = alone.start("w", {"k": 1}, actor=AN)
    two = alone.start("w", {"k": 2}, actor=AN)
    assert alone.deliver("Paid", {"order": 2}) == [two.case_id]
    with pytest.raises(NobodyWaits):
        alone.deliver("Paid", {"order": 5})
    assert alone.deliver("Paid", {"order": 1}) == [one.case_id]
    assert all(verdict.holds for verdict in alone.verify_all())


def test_the_message_that_is_received_first_populates_the_key(alone, deploy):
    """Who waits has taken part in nothing yet, so that any value will do; what has waited before
    for another message of the conversation then waits under its key.
    """
    properties = {"order": {"Order": "order", "Void": "order"}}
    deploy("w", f"{keys(properties)}\nstart s\ncatch c message=Order\n{WORK}\nend f\n"
                "boundary b on=a message=Void\ns > c > a > e\nb > f")  # fmt: skip
    first = alone.start("w", {}, actor=AN)
    second = alone.start("w", {}, actor=AN)
    assert alone.deliver("Order", {"order": 7}) == [first.case_id]
    with pytest.raises(NobodyWaits):
        alone.deliver("Order", {"order": None})
    assert alone.deliver("Order", {"order": 8}) == [second.case_id]
    assert alone.deliver("Void", {"order": 8}) == [second.case_id]
    assert all(verdict.holds for verdict in alone.verify_all())


def test_the_message_that_begins_a_case_populates_the_key(alone, deploy):
    deploy("w", f"{keys(ASKED)}\nstart s message=Order\ncatch c message=Paid\n{WORK}\n"
                "s > c > a > e")  # fmt: skip
    (one,) = alone.deliver("Order", {"order": 1}, actor=AN)
    (two,) = alone.deliver("Order", {"order": 2}, actor=AN)
    assert one != two
    assert alone.deliver("Paid", {"order": 2}) == [two]
    with alone.reading() as session:
        assert session.scalars(sa.select(Task.case_id)).all() == [two]
        rows = sa.select(Wait.correlation).where(Wait.kind == "message")
        assert session.scalars(rows).all() == ["≡1"]
        assert session.scalar(sa.select(sa.func.count()).select_from(Case)) == 2


def test_what_waited_before_the_first_message_waits_under_its_key(alone, deploy):
    properties = {"order": {"Order": "order", "Void": "order"}}
    deploy("w", f"{keys(properties)}\nstart s\nuser b candidateGroups=chuyen-vien\n"
                f'throw t message=Order in:order="=k"\n{WORK}\nand g\nand h\n'
                "catch v message=Void\ns > g > b > t > a > h > e\ng > v > h")  # fmt: skip
    one = alone.start("w", {"k": 1}, actor=AN)
    alone.complete(one.tasks[0], {}, actor=AN)
    with alone.reading() as session:
        assert session.scalars(sa.select(Wait.correlation)).all() == ["≡1"]
    with pytest.raises(NobodyWaits):
        alone.deliver("Void", {"order": 2})
    assert alone.deliver("Void", {"order": 1}) == [one.case_id]
    assert all(verdict.holds for verdict in alone.verify_all())


def test_a_sub_process_that_a_message_begins_listens_under_the_key(alone, deploy):
    properties = {"order": {"Order": "order", "Note": "order"}}
    inside = "sub x byevent {\nstart xs non message=Note\nend xe\nxs > xe\n}"
    before = 'start s\nthrow t message=Order in:order="=k"'
    deploy("w", f"{keys(properties)}\n{before}\n{WORK}\n{inside}\ns > t > a > e")
    one = alone.start("w", {"k": 4}, actor=AN)
    with pytest.raises(NobodyWaits):
        alone.deliver("Note", {"order": 5})
    assert alone.deliver("Note", {"order": 4}) == [one.case_id]
    assert alone.verify(one.case_id).holds


def test_a_key_is_populated_by_a_message_that_has_all_its_properties():
    """A key of two properties is not populated in part."""
    properties = {"shop": {"Order": "shop", "Paid": "shop"}, "order": ASKED["order"]}
    drawn = f"{keys(properties, 'shop order')}\n{BUYER}"
    part = Run(text(drawn)).start(k=1)
    assert awaited(part) == [ANY]
    whole = Run(text(drawn.replace('in:order="=k"', 'in:order="=k" in:shop="=k+1"'))).start(k=1)
    assert awaited(whole) == ["≡2|1"]


def test_a_later_message_adds_a_key_that_it_is_the_first_to_give():
    properties = {"order": ASKED["order"], "bill": {"Paid": "bill", "Thanks": "bill"}}
    drawn = f"{keys(properties, 'order', 'bill')}\nstart s\nthrow t message=Order in:order==1\n"
    drawn += "catch c message=Paid\ncatch d message=Thanks\nend e\ns > t > c > d > e"
    run = Run(text(drawn)).start()
    assert awaited(run) == ["≡1"]
    run.message("c", order=1, bill=1)
    # The key that is not the first of the file holds its name: order 1 is not bill 1.
    assert awaited(run) == ['≡1|"ck1"']


TWO = {"order": {"Order": "order", "Paid": "order", "Thanks": "order"},
       "bill": {"Paid": "bill", "Thanks": "bill"}}  # fmt: skip
THANKED = f"{keys(TWO, 'order', 'bill')}\nstart s\nthrow t message=Order in:order==k\n"
THANKED += f"catch c message=Paid\ncatch d message=Thanks\n{WORK}\ns > t > c > d > a > e"


@pytest.mark.parametrize("data", [{"order": 1}, {"bill": 7}, {"order": 1, "bill": 7}])
@pytest.mark.parametrize("other", [{"order": 2, "bill": 7}, {"order": 1, "bill": 8}, {"bill": 8}])
def test_a_message_must_have_every_key_that_it_gives_and_that_is_populated(data, other):
    sends = [Send("Paid", {"order": 1, "bill": 7}), Send("Thanks", other)]
    early = simulate(text(THANKED), data={"k": 1}, options=sends)
    assert (early.state, early.other_keys) == ("waiting", ("Thanks",))
    met = simulate(text(THANKED), data={"k": 1}, options=[*sends, Send("Thanks", data)])
    assert met.state == "completed"


def test_a_case_waits_under_every_key_that_is_populated(alone, deploy):
    deploy("w", THANKED)
    one, two = (alone.start("w", {"k": k}, actor=AN).case_id for k in (1, 2))
    assert alone.deliver("Paid", {"order": 1, "bill": 7}) == [one]
    assert alone.deliver("Paid", {"order": 2, "bill": 8}) == [two]
    for wrong in ({"order": 1, "bill": 8}, {"order": 3, "bill": 7}, {"bill": 9}):
        with pytest.raises(NobodyWaits):
            alone.deliver("Thanks", wrong)
    with alone.reading() as session:
        assert waits(session, "Thanks", of_parts([8, "ck1"]))
    assert all(verdict.holds for verdict in alone.verify_all())
    with alone.writing() as session:
        session.execute(sa.update(WaitKey).values(correlation="≡9"))
    assert not any(verdict.holds for verdict in alone.verify_all())
    with alone.writing() as session:
        session.execute(sa.delete(WaitKey).where(WaitKey.case_id == one))
        session.execute(sa.update(WaitKey).values(correlation='≡8|"ck1"'))
    assert alone.deliver("Thanks", {"bill": 8}) == [two]
    assert alone.deliver("Thanks", {"order": 1}) == [one]
    with alone.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(WaitKey)) == 0
    assert all(verdict.holds for verdict in alone.verify_all())


def test_a_message_inside_a_case_must_have_every_key_too():
    properties = {name: {"Order": name, "Thanks": name} for name in ("order", "bill")}
    drawn = (
        f"{keys(properties, 'order', 'bill')}\nstart s\nsub p each=numbers item=n {{\nstart x\n"
    )
    drawn += "throw t message=Order in:order==1 in:bill==n\ncatch d message=Thanks\nuser a\n"
    drawn += "x > t > d > a\n}\nand g\ncatch w message=x\n"
    drawn += "throw y message=Thanks in:order==1 in:bill==2\ns > g > p\ng > w > y"
    run = Run(text(drawn)).start(numbers=[1, 2, 3])
    assert run.message("w").at() == ["a"]
    assert awaited(run) == ["≡1", "≡1"]
    assert [w.marks["populated"]["ck1"] for w in run.waiting("message")] == [
        '≡1|"ck1"',
        '≡3|"ck1"',
    ]


def test_each_instance_of_a_repeated_activity_is_in_a_conversation_of_its_own():
    drawn = f"{keys(ASKED)}\nstart s\nsub p each=numbers item=n {{\nstart x\n"
    drawn += 'throw t message=Order in:order="=n"\ncatch c message=Paid\nx > t > c\n}\nend e\n'
    run = Run(text(f"{drawn}s > p > e")).start(numbers=[1, 2])
    assert awaited(run) == ["≡1", "≡2"]


def test_a_message_under_another_value_begins_another_conversation():
    drawn = f'{keys(ASKED)}\nstart s\nxor m\nthrow t message=Order in:order="=k"\n'
    drawn += "catch c message=Paid\nscript p feel=k+1 resultVariable=k\ns > m > t > c > p > m"
    run = Run(text(drawn)).start(k=1)
    assert awaited(run) == ["≡1"]
    assert awaited(run.message("c", order=1)) == ["≡2"]


def test_a_case_that_began_before_there_were_conversations_goes_on_as_it_began():
    run = Run(text(f"{keys(ASKED)}\n{BUYER}".replace("s > t", "user u\ns > u > t", 1))).start(k=1)
    run.case.converses = False
    run.do("u")
    assert awaited(run) == [None]


def test_two_pools_of_one_file_answer_each_other_under_the_key():
    shop = 'start bs message=Order\nuser b\nend be message=Paid in:order="=order"\nbs > b > be'
    many = 'start s\nsub p each=numbers item=n {\nstart x\nsend t message=Order in:order="=n"\n'
    many += "receive c message=Paid\nx > t > c\n}\nend e\ns > p > e"
    source = pools("", buyer=many, shop=shop)
    rows = [row[1:] for row in keys(ASKED).splitlines() if "<correlation" in row]
    source = source.replace("<bpmn:process", f"{''.join(rows)}<bpmn:process", 1)
    found = simulate(source, data={"numbers": [1, 2, 3]})
    assert (found.state, found.error) == ("completed", None)
    assert found.entered.count("be") == 3


@pytest.mark.parametrize(
    ("data", "state", "others"),
    [({"order": 6}, "waiting", ("Paid",)), ({"order": 1}, "completed", ()),
     ({}, "completed", ())],
)  # fmt: skip
@pytest.mark.parametrize("drawn", ["conversation", "property"])
def test_what_is_sent_to_a_simulation_reaches_nobody_under_another_key(drawn, data, state, others):
    if drawn == "conversation":
        source = text(f"{keys(ASKED)}\n{BUYER}")
    else:
        source = text("start s\ncatch c message=Paid correlation==order\nend e\ns > c > e")
    found = simulate(source, data={"k": 1, "order": 1}, options=[Send("Paid", data)])
    assert (found.state, found.other_keys) == (state, others)


BOTH = {name: {"Order": name} for name in ("order", "bill")}
BEGUN = [({"order": 5, "bill": 7}, True), ({"order": 5}, False), ({"bill": 7}, False),
         ({"order": 5, "bill": 8}, True), ({"order": 6, "bill": 7}, True),
         ({"order": 6}, False)]  # fmt: skip


def test_a_message_begins_one_case_for_all_keys_that_it_gives(alone, deploy):
    deploy("w", f"{keys(BOTH, 'order', 'bill')}\nstart s message=Order\n{WORK}\ns > a > e")
    for data, begins in BEGUN:
        if begins:
            assert len(alone.deliver("Order", data, actor=AN)) == 1
        else:
            with pytest.raises(NobodyWaits):
                alone.deliver("Order", data, actor=AN)
    assert all(verdict.holds for verdict in alone.verify_all())


def test_a_message_begins_one_case_in_a_simulation_too():
    many = "start s\nsub p sequential=1 each=orders item=n {\nstart x\n"
    many += "throw t message=Order in:order==n.order in:bill==n.bill\nx > t\n}\nend e\ns > p > e"
    source = pools("", buyer=many, shop="start bs message=Order\nuser b\nbs > b")
    rows = [row[1:] for row in keys(BOTH, "order", "bill").splitlines() if "<corr" in row]
    source = source.replace("<bpmn:process", f"{''.join(rows)}<bpmn:process", 1)
    orders = [data for data, _begins in BEGUN]
    found = simulate(source, data={"orders": orders}, answers={"b": "wait"})
    assert found.entered.count("bs") == 3


def test_with_flow_only_a_key_that_is_not_known_may_be_any():
    """Data are passed then, so that null is no value that must match."""
    buyer = (
        "start s\nsend t message=Order in:order==k\nreceive c message=Paid\nend e\ns > t > c > e"
    )
    shop = 'start bs message=Order\nend be message=Paid in:order="=order"\nbs > be'
    source = pools("", buyer=buyer, shop=shop)
    rows = [row[1:] for row in keys(ASKED).splitlines() if "<corr" in row]
    source = source.replace("<bpmn:process", f"{''.join(rows)}<bpmn:process", 1)
    assert simulate(source).state == "waiting"
    assert simulate(source, flow_only=True).state == "completed"


@pytest.mark.parametrize("bound", ["order year", "year order"])
def test_each_property_of_a_key_matches_its_own_value_in_whatever_order_it_is_bound(
    alone, deploy, bound
):
    """§8.4.2: a subscription may bind its properties in another order than the key lists them."""
    bindings = "".join(
        f'<correlationPropertyBinding correlationPropertyRef="{name}"><dataPath>my {name}'
        "</dataPath></correlationPropertyBinding>"
        for name in bound.split()
    )
    subscription = f'<correlationSubscription id="cs" correlationKeyRef="ck0">{bindings}'
    given = keys({"order": {"Paid": "order"}, "year": {"Paid": "year"}}, "order year")
    lines = f"{given}\n{subscription}</correlationSubscription>\nstart s\ncatch c message=Paid\n"
    deploy("p", f"{lines}end e\ns > c > e")
    case = alone.start("p", {"my order": 1, "my year": 2}, actor=AN).case_id
    with pytest.raises(NobodyWaits):
        alone.deliver("Paid", {"order": 2, "year": 1})
    assert alone.deliver("Paid", {"order": 1, "year": 2}) == [case]


def test_who_waits_under_a_key_in_the_order_of_before_is_met_by_what_it_meant(
    alone, deploy, monkeypatch
):
    """Its text is by the order of today that of other values, which do not meet it."""
    bind = (
        '<correlationPropertyBinding correlationPropertyRef="{0}"><dataPath>my {0}</dataPath>'
        "</correlationPropertyBinding>"
    )
    subscription = f"{bind.format('year')}{bind.format('order')}</correlationSubscription>"
    given = keys({"order": {"Paid": "order"}, "year": {"Paid": "year"}}, "order year")
    deploy(
        "p",
        f'{given}\n<correlationSubscription id="cs" correlationKeyRef="ck0">{subscription}\n'
        "start s\ncatch c message=Paid\nuser u candidateGroups=chuyen-vien\n"
        "catch d message=Paid\nend e\ns > c > u > d > e",
    )
    one, other, swapped = ({"order": n, "year": m} for n, m in ((1, 2), (3, 4), (4, 3)))
    monkeypatch.setattr(World, "_knows", lambda self, rule: rule != KEYS_IN_ORDER)
    then = [alone.start("p", {f"my {k}": v for k, v in d.items()}, actor=AN).case_id
            for d in (one, other)]  # fmt: skip
    monkeypatch.undo()
    today = alone.start("p", {f"my {k}": v for k, v in swapped.items()}, actor=AN).case_id
    with pytest.raises(NobodyWaits):
        alone.deliver("Paid", {"order": 2, "year": 1})
    assert alone.deliver("Paid", swapped) == [today]
    assert alone.deliver("Paid", one) == [then[0]]
    with alone.reading() as session:
        task = session.scalar(sa.select(Task.id).where(Task.case_id == then[0]))
    alone.complete(task, {}, actor=AN)
    with pytest.raises(NobodyWaits):
        alone.deliver("Paid", {"order": 2, "year": 1})
    assert alone.deliver("Paid", one) == [then[0]]
    assert alone.deliver("Paid", other) == [then[1]]
    assert all(verdict.holds for verdict in alone.verify_all())


def test_who_waits_in_a_conversation_stays_there_when_another_begins_beside_it():
    """8.4.2: a message reaches the receivers of its own conversation alone."""
    lines = f"""
        {keys(ASKED)}
        start s
        and f
        throw t1 message=Order in:order==1
        catch c1 message=Paid
        user u
        throw t2 message=Order in:order==2
        catch c2 message=Paid
        end e
        s > f
        f > t1 > c1 > e
        f > u > t2 > c2 > e
    """
    run = Run(text(lines)).start()
    first = {w.element: w.marks["correlation"] for w in run.waiting("message")}
    run.do("u")
    both = {w.element: w.marks["correlation"] for w in run.waiting("message")}
    assert both["c1"] == first["c1"] != both["c2"]


def test_a_message_and_a_signal_are_met_by_their_names_however_their_letters_are_composed(
    alone, deploy
):
    deploy("p", "start s\ncatch c message=Đến_nơi\ncatch d signal=Xử_lý\nend e\ns > c > d > e")
    case = alone.start("p", {}, actor=AN).case_id
    assert alone.deliver(normalize("NFD", "Đến_nơi"), {}) == [case]
    assert alone.signal(normalize("NFD", "Xử_lý"), {}) == [case]
