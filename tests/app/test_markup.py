"""What owners write into forms reaches pages as safe HTML."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from app.markup import markdown, plain, sanitised

SAFE = set(
    "p br hr strong em b i u s sub sup small mark code pre blockquote ul ol li dl dt dd div span"
    " h2 h3 h4 h5 h6 table caption thead tbody tfoot tr th td a img abbr form".split()
)


def elements(markup):
    return html.fragment_fromstring(str(markup), create_parent="form")


def is_safe(markup):
    for element in elements(markup).iter():
        assert element.tag in SAFE, element.tag
        for name, value in element.attrib.items():
            assert name in {
                "class",
                "href",
                "rel",
                "src",
                "alt",
                "title",
                "colspan",
                "rowspan",
            } | {
                "scope",
                "start",
                "width",
                "height",
            }
            assert not value.strip().lower().startswith(("javascript:", "vbscript:", "data:text"))
    return True


TAGS = "<script> </script> <svg/onload=x> <style> <b> </b> <iframe/src=/> <!-- --> <p/onclick=x>"
SIGNS = "** * _ ` #\xa0 - 1. > < \" ' a &lt; [a](javascript:x) [a](https://b.vn) ![a](/x.png)"
LINKS = ["<img src=x onerror=y>", "<a href='JaVaScript:x'>", "# ", "- ", "\n", " "]
PIECES = st.sampled_from([*TAGS.split(), *SIGNS.split(" "), *LINKS])
TEXTS = st.lists(PIECES, max_size=20).map("".join)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_nothing_but_the_listed_elements_reaches_a_page(text):
    assert is_safe(markdown(text))
    assert is_safe(sanitised(text))


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab*_`[](){}<>#-+.!|~\\1", max_size=30))
def test_what_people_entered_is_never_markup(text):
    found = elements(markdown(f"x{plain(text)}x"))
    assert found.text_content() == f"x{text}x"
    assert {element.tag for element in found.iter()} <= {"form", "p"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# A", '<h2 class="qt-h2">A</h2>'),
        ("### C", '<h4 class="qt-h3">C</h4>'),
        (
            "a **b** *c* _d_ `e`",
            "<p>a <strong>b</strong> <em>c</em> <em>d</em> <code>e</code></p>",
        ),
        ("a_b_c 2 * 3 * 4", "<p>a_b_c 2 * 3 * 4</p>"),
        ("[a](/b)", '<p><a href="/b" rel="noopener">a</a></p>'),
        ("[a](//evil.vn) [b](data:text/html,x)", "<p>a b</p>"),
        ("a\nb", "<p>a<br>\nb</p>"),
    ],
)
def test_markdown_is_the_subset_that_owners_need(text, shown):
    assert str(markdown(text)) == shown


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("**", "**", ""),
        ("Tên: **", "**", "<p>Tên: </p>"),
        ("**Số: ", "**", "<p><strong>Số: </strong></p>"),
        ("*", "* và `x`", "<p> và <code>x</code></p>"),
        ("a\n\n# ", "", "<p>a</p>"),
        ("- ", "\n- b", '<ul class="govuk-list govuk-list--bullet"><li>b</li></ul>'),
    ],
)
def test_signs_around_a_value_that_is_not_there_are_left_out_with_it(before, after, shown):
    assert str(markdown(before + plain("") + after)) == shown


def test_what_people_entered_may_hold_signs_and_still_be_bold():
    shown = str(markdown(f"**{plain('a*b_c')}** **{plain(chr(92))}**"))
    assert shown == "<p><strong>a*b_c</strong> <strong>\\</strong></p>"


def test_no_text_takes_long():
    began = time.process_time()
    for piece in (
        "[a",
        "**a",
        "*a",
        "_a",
        "`",
        "![",
        "> ",
        "- ",
        "[a](",
        "__a ",
        "**\\\\*",
        "**\ufdd0 ",
    ):
        markdown(piece * 5000)
    assert time.process_time() - began < 5
