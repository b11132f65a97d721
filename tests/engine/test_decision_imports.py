"""Files of decisions that use the parts of others: by name, without a name, and through others."""

import pytest

from engine.decisions import Hit, among, parse_decisions, read_decisions
from tests.engine.dmn_files import (
    decision,
    file,
    imports,
    input_data,
    knowledge,
    literal,
    of_type,
    service,
    table,
    typed,
)

TABLE = table(["n"], ["x"], ("-", "1"))
COMMON = file(
    typed("tDays", of_type("number", "[1..30]")),
    input_data("loai", "string", "loại giấy"),
    decision("days", literal('if loại giấy = "a" then 2 else 5'), name="số ngày", inputs=["loai"]),
    knowledge("lệ phí", ["n"], literal("n * số đơn vị()")),
    knowledge("số đơn vị", [], literal("1000")),
    service("tính", ["days"], inputs=["loai"]),
    own="urn:chung",
)
PLAIN = file(decision("base", literal("7")), imports("", "urn:deep"), own="urn:plain")
DEEP = file(knowledge("deep", ["x"], literal("x + 1")), imports("up", "urn:own"), own="urn:deep")
FILES = {"urn:chung": COMMON, "urn:plain": PLAIN, "urn:deep": DEEP}


def found(wanted, importer):
    xml = FILES.get(wanted.namespace)
    return None if xml is None else (f"{wanted.namespace}.dmn", xml)


def importing(*parts):
    return parse_decisions(
        file(imports("chung", "urn:chung"), imports("", "urn:plain"), *parts, own="urn:own"),
        path="d.dmn",
        load=found,
    )


IMPORTED = [
    (decision("d", literal("chung.số ngày"), requires=["urn:chung#days"]), 2),
    (decision("d", literal("chung.lệ phí(3)")), 3000),
    (decision("d", literal('chung.tính("b")')), 5),
    (decision("d", literal('chung.tính(chung.loại giấy: "b")')), None),
    (decision("d", literal('chung.tính(loại giấy: "b")')), 5),
    (decision("d", literal("chung.loại giấy"), inputs=["urn:chung#loai"]), "a"),
    (decision("d", literal("99"), type_ref="chung.tDays"), None),
    (decision("d", literal("9 instance of chung.tDays")), True),
    (decision("d", literal("base"), requires=["base"]), 7),
    (decision("d", literal("deep(1)")), 2),
]


@pytest.mark.parametrize(("part", "value"), IMPORTED)
def test_parts_of_an_import_are_known_by_its_name(part, value):
    assert importing(part).decide("d", {"loại giấy": "a"}).value == value


def test_input_data_of_an_import_is_given_by_its_own_name_or_the_whole():
    decisions = importing(
        decision("d", literal("chung.số ngày"), requires=["urn:chung#days"]),
        decision("e", literal("chung.loại giấy"), inputs=["urn:chung#loai"]),
    )
    for name in ("loại giấy", "chung.loại giấy"):
        assert decisions.decide("e", {name: "a"}).value == "a"
        assert decisions.decide("d", {name: "a"}).value == 2
    assert decisions.ids == ("d", "e")


def test_a_rule_of_an_import_is_named_with_its_file():
    FILES["urn:table"] = file(decision("t", TABLE), own="urn:table")
    xml = file(imports("t", "urn:table"), decision("d", literal("t.t"), requires=["urn:table#t"]))
    decisions = parse_decisions(xml, path="d.dmn", load=found)
    hit = decisions.decide("d", {})
    assert hit == Hit(1, (("1#t", "r1"),))
    assert decisions.rule(*hit.rules[0]).number == 1


def test_a_name_with_its_parts_is_found_whole():
    decisions = importing(decision("d", literal("1"), name="Hạn trả"))
    assert decisions.find("Hạn trả") == ["d"]
    assert decisions.find("chung.số ngày") == ["1#days"]
    assert decisions.find("base") == ["2#base"]
    assert decisions.find("nobody") == []


def test_a_bundle_holds_what_its_files_import():
    files = {
        "processes/dmn/d.dmn": file(
            imports("b", "urn:b"), decision("d", literal("b.x"), requires=["urn:b#x"])
        ).decode(),
        "processes/dmn/other.dmn": file(decision("x", literal("5")), own="urn:b").decode(),
        "forms/a.form": "{}",
    }
    path = "processes/dmn/d.dmn"
    decisions = parse_decisions(files[path].encode(), path=path, load=among(files))
    assert decisions.decide("d", {}).value == 5


def test_files_that_import_each_other_in_a_circle_are_read_once():
    files = {
        "a.dmn": file(imports("b", "urn:b"), decision("a", literal("1")), own="urn:a").decode(),
        "b.dmn": file(
            imports("a", "urn:a"), decision("b", literal("a.a"), requires=["urn:a#a"]), own="urn:b"
        ).decode(),
    }
    decisions = parse_decisions(files["b.dmn"].encode(), path="b.dmn", load=among(files))
    assert decisions.decide("b", {}).value == 1


def test_a_name_of_the_file_itself_goes_before_that_of_an_import_without_a_name():
    def named(words):
        return file(
            decision("x", literal(f'"{words}"'), name="chung"),
            decision(words, literal("chung"), requires=["x"]),
            own=f"urn:{words}",
        ).decode()

    files = {"one.dmn": named("one"), "two.dmn": named("two")}
    own = file(
        imports("", "urn:one"), imports("", "urn:two"), decision("y", literal("1"))
    ).decode()
    decisions = parse_decisions(own.encode(), path="d.dmn", load=among(files))
    (key,) = decisions.find("chung")
    assert decisions.decide(key, {}).value == "one"
    own = own.replace("</definitions>", '<decision id="z" name="chung"/></definitions>')
    decisions = parse_decisions(own.encode(), path="d.dmn", load=among(files))
    assert decisions.find("chung") == ["z"]


def test_input_data_of_imports_is_given_in_the_contexts_that_they_are():
    """DMN 1.5, 6.3.3: an import is a context, with those of its own imports inside."""
    inner = file(
        input_data("z", "date"), decision("year", literal("z.year"), inputs=["z"]), own="urn:a"
    )
    middle = file(
        imports("ma", "urn:a"),
        decision("next", literal("ma.year + 1"), requires=["urn:a#year"]),
        own="urn:b",
    )
    files = {"urn:a": inner, "urn:b": middle, "urn:c": inner.replace(b"urn:a", b"urn:c")}
    top = file(
        imports("mb", "urn:b"),
        imports("mc", "urn:c"),
        decision(
            "d",
            literal("[mb.next, mc.z.year]"),
            requires=["urn:b#next"],
            inputs=["urn:c#z"],
        ),
        own="urn:top",
    )
    made = parse_decisions(
        top, path="d.dmn", load=lambda way, _from: (f"{way.namespace}.dmn", files[way.namespace])
    )
    context = {"mb": {"ma": {"z": "2024-05-01"}}, "mc": {"z": "2030-05-01"}}
    dotted = {"mb.ma.z": "2024-05-01", "mc.z": "2030-05-01"}
    for given in (context, dotted):
        assert made.decide("d", made.read(given)).value == [2025, 2030]


HELLO = file(
    input_data("person", "string"),
    decision("hello", literal('"Hello, " + person'), inputs=["person"]),
    own="urn:hello",
)


def twice(name):
    return file(
        imports("a", "urn:hello"),
        decision(name, literal(f'"{name}: " + a.hello'), requires=["urn:hello#hello"]),
        own=f"urn:{name}",
    )


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ({"b": {"a": {"person": "J"}}, "c": {"a": {"person": "K"}}}, "b: Hello, J; c: Hello, K"),
        ({"b": {"a": {"person": "J"}}}, None),
        ({"b": {"a": {"person": "J"}}, "person": "L"}, "b: Hello, J; c: Hello, L"),
        ({"person": "L"}, "b: Hello, L; c: Hello, L"),
    ],
)
def test_a_file_that_is_imported_along_two_ways_has_inputs_of_its_own_in_each(given, value):
    files = {"urn:hello": HELLO, "urn:b": twice("b"), "urn:c": twice("c")}
    top = file(
        imports("b", "urn:b"),
        imports("c", "urn:c"),
        decision("d", literal('b.b + "; " + c.c'), requires=["urn:b#b", "urn:c#c"]),
        own="urn:top",
    )
    decisions = parse_decisions(
        top, path="d.dmn", load=lambda wanted, _: (wanted.namespace, files[wanted.namespace])
    )
    assert decisions.decide("d", given).value == value


def test_what_is_wrong_in_a_file_that_is_imported_along_two_ways_is_told_once():
    files = {
        "urn:hello": HELLO.replace(b"+ person", b"+ + person"),
        "urn:b": twice("b"),
        "urn:c": twice("c"),
    }
    top = file(imports("b", "urn:b"), imports("c", "urn:c"), own="urn:top")
    decisions = read_decisions(
        top, path="d.dmn", load=lambda wanted, _: (wanted.namespace, files[wanted.namespace])
    )
    assert [problem.element for problem in decisions.problems] == ["hello"]


def test_ways_through_imports_that_double_at_each_file_end():
    files = {
        f"urn:{at}": file(
            imports("l", f"urn:{at + 1}"), imports("r", f"urn:{at + 1}"), own=f"urn:{at}"
        )
        for at in range(40)
    } | {"urn:40": file(input_data("x", "number"), own="urn:40")}
    read_decisions(
        files["urn:0"], path="0.dmn", load=lambda one, _: (one.namespace, files[one.namespace])
    )


@pytest.mark.parametrize("declared", ["Any", "", "number"])
def test_a_bare_name_is_the_files_own_input_before_that_of_an_import(declared):
    own = input_data("mine", declared or None, "person")
    top = file(
        imports("a", "urn:hello"),
        own,
        decision("d", literal("[a.hello, person]"), requires=["urn:hello#hello"], inputs=["mine"]),
        own="urn:top",
    )
    decisions = parse_decisions(top, path="d.dmn", load=lambda one, _: ("a.dmn", HELLO))
    hit = decisions.decide("d", {"person": 5, "a": {"person": "J"}})
    assert hit.value == ["Hello, J", 5]
    assert decisions.decide("d", {"person": 5}, warn=True).value == [None, 5]
