"""Boxes outside of tables: what can never work is told, and what can is not."""

from __future__ import annotations

import pytest

from tests.engine.check.test_decision_faults import checked
from tests.engine.dmn_files import (
    decision,
    file,
    input_data,
    invoked,
    knowledge,
    literal,
    of_type,
    service,
    typed,
)


def entry(name, kind, text):
    return (
        f'<contextEntry><variable name="{name}" typeRef="{kind}"/>{literal(text)}</contextEntry>'
    )


def boxed_if(text):
    return f"<conditional><if>{literal(text)}</if><then>{literal('1')}</then>" + (
        f"<else>{literal('2')}</else></conditional>"
    )


def boxed_filter(text):
    return f"<filter><in>{literal('[1, 2]')}</in><match>{literal(text)}</match></filter>"


def of_kinds(name, **bound):
    bindings = "".join(
        f'<binding><parameter name="{each}"/>{literal(value)}</binding>'
        for each, value in bound.items()
    )
    return f"<invocation>{literal(name)}{bindings}</invocation>"


def boxed_function(text):
    inner = f'<formalParameter name="q" typeRef="number"/>{literal("q")}'
    return (
        '<context><contextEntry><variable name="f"/><functionDefinition>'
        f"{inner}</functionDefinition></contextEntry>{entry('y', '', text)}</context>"
    )


LOGICS = [
    (literal('G("x")'), literal("G([5]) + G(a) + G(null)")),
    (literal('G(x: if a > 1 then "x" else "y")'), literal('G(x: if a > 1 then 1 else "y")')),
    (literal("G([1, 2])"), literal('G([1, "x"][1])')),
    (literal('G(1) + "a"'), literal("T(1) + string(G(1))")),
    (literal("T(1) * 2"), literal("G(1) * 2")),
    (of_kinds("G", x='"u"'), of_kinds("G", x="1")),
    (of_kinds("S", a='"u"'), of_kinds("S", a="1")),
    (literal("S()"), literal("S(1) + S(a: 2)")),
    (literal("S(1) and true"), literal("S(1) > 1")),
    (literal('(function(q: number) q)("a")'), literal("(function(q: number) q)(a)")),
    (literal('(function(q: list<number>) q)("a")'), literal("(function(q: list<number>) q)(a)")),
    (literal('(function(q: Row) q)({n: "x", t: null})'),
     literal("(function(q: Row) q)({n: a, t: null, o: 1})")),
    (literal("(function(q: Row) q)({m: 1})"),
     literal("(function(q: Row) q)({n: null, t: null})")),
    (boxed_function('f("x")'), boxed_function("f(a)")),
    (f"<context>{entry('x', '', '5')}{entry('y', '', 'x + string(a)')}</context>",
     f"<context>{entry('x', '', '5')}{entry('y', '', 'x + a')}</context>"),
    (literal("row.t * 2"), literal('row.n * 2 + rows[2].n + rows[n = 1 and t = "x"][1].n')),
    (literal("sum(rows.t)"), literal("sum(rows.n)")),
    (literal('rows[n > "a"]'), literal('rows[other > "a"]')),
    (literal("for each in rows return each.t - 1"), literal("for each in rows return each.n - 1")),
    (literal("texts * 2"), literal("texts")),
    (literal('a + "x"'), literal("a + 1")),
    (literal('date("2026-13-01")'), literal('date("2026-12-01")')),
    (literal("abs(a, 2)"), literal("abs(a)")),
    (literal("B(1, 2)"), literal("B(1) + B(x: 2)")),
    (literal("contains(1)"), literal("contains(1, 2, 3)")),
    (literal("1", "string"), literal("null", "string")),
    (invoked("B", "q"), invoked("B", "x")),
    (invoked("B"), invoked("abs", "n")),
    (invoked("abs", "m"), invoked("B", "x")),
    (f"<context>{entry('x', 'number', '5 - 1')}{entry('y', 'number', 'string(x)')}</context>",
     f"<context>{entry('a', 'string', 'string(5)')}{entry('y', '', 'a + string(1)')}</context>"),
    (boxed_if("5"), boxed_if("a > 5")),
    (boxed_filter('"x"'), boxed_filter("1")),
    (boxed_filter("item + string(1) = string(2) and 5"), boxed_filter('a = "x"')),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "right"), LOGICS)
def test_a_box_that_can_never_work_is_an_error_and_one_that_can_is_none(wrong, right):
    # A function of the file stands before FEEL's own of that name.
    columns = "".join(
        f'<itemComponent name="{name}">{of_type(kind)}</itemComponent>'
        for name, kind in (("n", "number"), ("t", "string"))
    )
    rest = [
        typed("Row", columns),
        typed("Rows", of_type("Row"), isCollection="true"),
        input_data("a", "number"),
        input_data("row", "Row"),
        input_data("rows", "Rows"),
        knowledge("B", ["x"], literal("x")),
        knowledge("G", [("x", "number")], literal("x"), "number"),
        knowledge("T", ["x"], literal('"t"')),
        decision("made", literal("a"), inputs=["a"], type_ref="number"),
        decision("texts", literal('"t"')),
        service("S", ["made"], inputs=["a"]),
    ]
    own = knowledge("contains", ["x", "y", "z"], literal("x"))
    found = [
        checked(
            file(
                *rest,
                own,
                decision("d", each, inputs=["a", "row", "rows"], requires=["texts"]),
            )
        )
        for each in (wrong, right)
    ]
    assert [[f.severity for f in told] for told in found] == [["error"], []]
    assert found[0][0].record()["message"].startswith("Decision “d” (d)")
