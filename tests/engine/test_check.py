"""What check says of a bundle: element, rule, words and remedy; never a traceback."""

from __future__ import annotations

import pytest

from engine import Bundle, Operation
from engine.check import Catalogue, check_bundle
from engine.check.rules import RULES
from tests.engine.conftest import MailParameters, MailResult
from tests.engine.drawings import HEAD, text

MAIL = Operation("far.mail", lambda call, given: {}, MailParameters, MailResult, remote=True)
KNOWN = Catalogue(
    operations={"far.mail": MAIL},
    functions=frozenset({"head_of"}),
    groups=frozenset({"chuyen-vien"}),
)
GOOD = "start s\nuser a candidateGroups=chuyen-vien\nend e\ns > a > e"


def rules(lines: str, **files: str) -> dict[str, str | None]:
    """Errors by rule, with the element they name."""
    bundle = Bundle("p", {"processes/bpmn/p.bpmn": text(lines, "p"), **files})
    return {f.rule: f.element for f in check_bundle(bundle, KNOWN) if f.severity == "error"}


def test_a_good_drawing_has_no_errors():
    assert rules(GOOD) == {}


@pytest.mark.parametrize(
    ("lines", "rule", "element"),
    [
        ("user a candidateGroups=chuyen-vien\nend e\na > e", "no-start", "p"),
        ("start s\nuser a\nend e\ns > a > e", "nobody", "a"),
        ("start s\nuser a candidateGroups=x\nend e\ns > a > e", "unknown-group", "a"),
        (GOOD.replace("a can", "a formKey=p/none can"), "unknown-form", "a"),
        (GOOD.replace("a can", "a formKey=../../etc/passwd can"), "unknown-form", "a"),
        ("start s\nservice m topic=far.mial\nend e\ns > m > e", "unknown-operation", "m"),
        ("start s\nservice m topic=far.mail\nend e\ns > m > e", "missing-parameter", "m"),
        ("start s\nservice m topic=far.mail in:to=x in:cc=y\nend e\ns > m > e",
         "unknown-parameter", "m"),
        ("start s\nrule r decisionRef=none\nend e\ns > r > e", "unknown-decision", "r"),
        ("start s\nscript c feel=\"1 +\" resultVariable=x\nend e\ns > c > e",
         "bad-expression", "c"),
        ("start s\nscript c feel=\"system(1)\" resultVariable=x\nend e\ns > c > e",
         "unknown-function", "c"),
        ("start s\ncall k of=nowhere\nend e\ns > k > e", "unknown-process", "k"),
        ("start s\ncatch c\nend e\ns > c > e", "no-event", "c"),
        ("start s\nboundary b on=nothing timer=PT1H\nend e\ns > e\nb > e", "boundary-alone", "b"),
        ("start s\nuser a candidateGroups=chuyen-vien\nend e\ns > e", "no-incoming", "a"),
        ("start s\nend e\nend f\ns > e > f", "end-goes-on", "e"),
        ("start s\ntask a\ntask b\ns > a > b > a", "endless", "a"),
        ("start s\nuser a candidateGroups=chuyen-vien apart=ghost\nend e\ns > a > e",
         "unknown-separation", "a"),
        ("start s\nxor x\nend e\nend f\ns > x\nx > e : n = 1\nx > f", "no-condition", None),
        ("start s\nuser a candidateGroups=chuyen-vien\nend a\ns > a", "duplicate-id", None),
    ],
)  # fmt: skip
def test_a_fault_is_named_at_its_element(lines, rule, element):
    found = rules(lines)
    assert rule in found, found
    if element is not None:
        assert found[rule] == element


LONG = "n" * 400


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('name="a"', f'name="{LONG}"', "long-name"),
        ('name="p"', f'name="{LONG}"', "long-name"),
        ('"a"', f'"{LONG}"', "long-id"),
        ('id="p"', f'id="{LONG}"', "long-key"),
    ],
)
def test_what_is_too_long_to_be_kept_is_an_error(old, new, rule):
    source = text(GOOD, "p").replace(old, new)
    found = check_bundle(Bundle("p", {"processes/bpmn/p.bpmn": source}), KNOWN)
    (finding,) = [f for f in found if f.rule == rule]
    assert finding.severity == "error"
    assert "400 characters" in finding.record()["message"]
    assert LONG not in finding.record()["message"]


def calling(name: str, before: str = "") -> str:
    return f"start s\n{before}call c of={name}\nend e\ns > {'a > ' if before else ''}c > e"


TASK = "user a candidateGroups=chuyen-vien\n"


@pytest.mark.parametrize(
    ("own", "other", "endless"),
    [
        (calling("p"), None, True),
        (calling("p", TASK), None, False),
        (calling("p", "task a\n"), None, True),
        (calling("q"), calling("p"), True),
        (calling("q"), calling("p", TASK), False),
        (calling("q"), "start s\nend e\ns > e", False),
        ("start s\nuser a candidateGroups=chuyen-vien\nboundary b on=a timer=PT1H\ncall c of=p\n"
         "end e\ns > a > e\nb > c > e", None, False),
        ("start s\nsub u {\nstart i\ncall c of=p\nend j\ni > c > j\n}\nend e\ns > u > e",
         None, True),
        ("start s\ncall k of=q\ncall c of=p\nend e\ns > k > c > e",
         f"start s\n{TASK}end e\ns > a > e", False),
        ("start s\ncall k of=q\ncall c of=p\nend e\ns > k > c > e",
         "start s\nend e\ns > e", True),
    ],
)  # fmt: skip
def test_a_process_must_not_call_itself_before_it_has_waited(own, other, endless):
    more = {"processes/bpmn/q.bpmn": text(other, "q")} if other else {}
    assert ("endless-calls" in rules(own, **more)) is endless


def test_a_long_chain_of_calls_is_followed_without_a_traceback():
    calls = {f"processes/bpmn/q{i}.bpmn": text(calling(f"q{i + 1}"), f"q{i}") for i in range(300)}
    assert "unknown-process" in rules(calling("q0"), **calls)


@pytest.mark.parametrize("digits", [4300, 5000, 7000])
def test_a_number_of_thousands_of_digits_is_read_or_is_a_finding(digits):
    script = f"start s\nscript c feel={'9' * digits} resultVariable=x\nend e\ns > c > e"
    assert set(rules(script)) <= {"bad-expression", "no-script-format"}


CAUGHT = """start s
    sub u {
    start i
    end j error=gone
    i > j
    }
    boundary b on=u error=gone
    end e
    end f
    s > u > e
    b > f"""


@pytest.mark.parametrize(
    ("lines", "warned"),
    [
        (CAUGHT, set()),
        (CAUGHT.replace("boundary b on=u error=gone", "boundary b on=u error=any"), set()),
        (CAUGHT.replace("boundary b on=u error=gone", "boundary b on=u error=other"), {"j"}),
        ("start s\nend e error=gone\ns > e", {"e"}),
    ],
)
def test_an_error_that_nothing_catches_is_a_warning(lines, warned):
    found = check_bundle(Bundle("p", {"processes/bpmn/p.bpmn": text(lines, "p")}), KNOWN)
    assert {f.element for f in found if f.rule == "error-uncaught"} == warned


def test_a_caller_in_the_bundle_catches_an_error():
    lines = "start s\ncall c of=q\nboundary b on=c error=gone\nend e\nend f\ns > c > e\nb > f"
    files = {
        "processes/bpmn/p.bpmn": text(lines, "p"),
        "processes/bpmn/q.bpmn": text("start s\nend e error=gone\ns > e", "q"),
    }
    found = check_bundle(Bundle("p", files), KNOWN)
    assert "error-uncaught" not in {f.rule for f in found}


@pytest.mark.parametrize(
    "source",
    [
        "",
        "not xml",
        "<html/>",
        "<a><b></a>",
        '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
        f"{HEAD}</bpmn:definitions>",
        "<a>" * 100_000,
        f"{HEAD}{'<bpmn:process>' * 3000}",
        "\x00\x01",
    ],
)
def test_a_broken_or_hostile_file_is_a_finding(source):
    bundle = Bundle("p", {"processes/bpmn/p.bpmn": source})
    found = check_bundle(bundle, KNOWN)
    assert [f for f in found if f.severity == "error"]
    for finding in found:
        assert finding.record()["remedy"]


def test_a_missing_drawing_and_a_wrong_name_are_findings():
    assert check_bundle(Bundle("p", {}), KNOWN)[0].rule == "no-drawing"
    other = Bundle("p", {"processes/bpmn/p.bpmn": text(GOOD, "q")})
    assert "process-key" in {f.rule for f in check_bundle(other, KNOWN)}


def test_a_complex_gateway_that_joins_must_say_when_it_goes_on():
    lines = "start s\nand f\ncomplex c\nend e\ns > f\nf > c\nf > c\nc > e"
    found = check_bundle(Bundle("p", {"processes/bpmn/p.bpmn": text(lines, "p")}), KNOWN)
    assert ("no-activation", "c") in {(f.rule, f.element) for f in found}


def test_every_rule_says_what_and_how():
    for name, rule in RULES.items():
        assert rule.severity in {"error", "warning"}, name
        assert rule.message and rule.remedy.endswith("."), name


def test_xml_that_cannot_be_read_is_told_without_the_parsers_name_for_the_text():
    bundle = Bundle("p", {"processes/bpmn/p.bpmn": "<a><b></a>"})
    told = [f.message.format_map(f.fields) for f in check_bundle(bundle, KNOWN)]
    assert any("breaks the rules of XML at line 1" in sentence for sentence in told)
    assert not any("<string>" in sentence for sentence in told)
