"""Texts of forms as safe HTML: a subset of Markdown, and a subset of HTML.

Both come from whoever drew the form. Nothing of theirs reaches a page but the elements listed
here, without scripts, styles, forms or addresses other than pages, mail and our own pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree, html
from markupsafe import Markup, escape

from engine.forms.links import own_image, safe_link

_HEADING = re.compile(r"(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*")
_RULE = re.compile(r"[ ]{0,3}(?:-[ ]*){3,}|[ ]{0,3}(?:\*[ ]*){3,}|[ ]{0,3}(?:_[ ]*){3,}")
_BULLET = re.compile(r"[ ]{0,3}[-*+][ \t]+(.*)")
_NUMBER = re.compile(r"[ ]{0,3}(\d{1,6})[.)][ \t]+(.*)")
_QUOTE = re.compile(r"[ ]{0,3}>[ ]?(.*)")
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+.!|~-])")
_END, _WITHIN = r"(?:[^*\s\\]|\\.)", r"(?:[^*\n\\]|\\.)"
"""A letter of bold words, at an end of them and between: a sign out of force is one too."""
_NOTHING = "\ufdd0"
"""Stands, while a text is made, where a value was to be and there is none."""
_IDLE = re.compile(
    rf"(\*\*|__|[*_`])[ \t]*{_NOTHING}[ \t{_NOTHING}]*\1"
    rf"|^[ \t]*(?:#{{1,6}}|[-*+>]|\d{{1,6}}[.)])?[ \t]*{_NOTHING}[ \t{_NOTHING}]*$",
    re.MULTILINE,
)
_INLINE = re.compile(
    r"\\(?P<plain>[\\`*_{}\[\]()<>#+.!|~-])"
    r"|`(?P<code>[^`\n]{1,500})`"
    r"|!\[(?P<alt>[^\]\n]{0,300})\]\((?P<image>[^()\s]+)\)"
    r"|\[(?P<words>[^\[\]\n]{1,300})\]\((?P<link>[^()\s]{1,2000})\)"
    rf"|\*\*(?P<strong>{_END}(?:{_WITHIN}{{0,1000}}{_END})?)\*\*"
    r"|__(?P<strong_>\S(?:[^_\n]{0,1000}[^_\s])?)__"
    r"|\*(?P<em>[^*\s](?:[^*\n]{0,1000}[^*\s])?)\*|(?<!\w)_(?P<em_>[^_\s](?:[^_\n]{0,1000}[^_\s])?)_(?!\w)"
)


def plain(text: str) -> str:
    """The text with Markdown's signs taken out of force: what people entered is never markup.

    Of nothing a mark is left, by which `markdown` knows that signs around it stand for nothing.
    """
    return _SPECIAL.sub(r"\\\1", text) or _NOTHING


def as_text(text: str) -> str:
    """The text for a place within HTML."""
    return str(escape(text))


def markdown(text: str) -> Markup:
    """Headings, paragraphs, lists, quotes, rules, bold, italics, code, links and our own images.

    Headings begin at h2, below the page's own: "# Title" is h2, "### Part" h4. Signs around a
    value that is not there are left out with it.
    """
    lines = _IDLE.sub("", text.replace("\r\n", "\n").expandtabs(4)).split("\n")
    return Markup("\n").join(_blocks(lines)).replace(_NOTHING, "")


def _blocks(lines: list[str]) -> Iterator[Markup]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
        elif heading := _HEADING.fullmatch(line.strip()):
            level = min(len(heading[1]) + 1, 6)
            yield Markup('<h{0} class="qt-h{1}">{2}</h{0}>').format(
                level, min(level, 3), _inline(heading[2])
            )
            at += 1
        elif _RULE.fullmatch(line.rstrip()):
            yield Markup('<hr class="govuk-section-break govuk-section-break--visible">')
            at += 1
        elif _BULLET.fullmatch(line) or _NUMBER.fullmatch(line):
            at, block = _list(lines, at)
            yield block
        elif _QUOTE.fullmatch(line):
            at, block = _quote(lines, at)
            yield block
        else:
            at, block = _paragraph(lines, at)
            yield block


def _list(lines: list[str], at: int) -> tuple[int, Markup]:
    """The items of one list; a line that is indented goes on with its item."""
    pattern = _BULLET if _BULLET.fullmatch(lines[at]) else _NUMBER
    items: list[str] = []
    while at < len(lines) and lines[at].strip():
        if found := pattern.fullmatch(lines[at]):
            items.append(found[pattern.groups])
        elif items and lines[at].startswith("  "):
            items[-1] += "\n" + lines[at].strip()
        else:
            break
        at += 1
    inner = Markup("").join(Markup("<li>{}</li>").format(_inline(item)) for item in items)
    kind, look = ("ul", "bullet") if pattern is _BULLET else ("ol", "number")
    return at, Markup('<{0} class="govuk-list govuk-list--{1}">{2}</{0}>').format(
        kind, look, inner
    )


def _quote(lines: list[str], at: int) -> tuple[int, Markup]:
    quoted = []
    while at < len(lines) and (found := _QUOTE.fullmatch(lines[at])):
        quoted.append(found[1])
        at += 1
    words = _inline("\n".join(quoted))
    return at, Markup('<blockquote class="govuk-inset-text">{}</blockquote>').format(words)


def _paragraph(lines: list[str], at: int) -> tuple[int, Markup]:
    start = at
    while at < len(lines) and lines[at].strip() and (at == start or not _begins_block(lines[at])):
        at += 1
    return at, Markup("<p>{}</p>").format(_inline("\n".join(lines[start:at])))


def _begins_block(line: str) -> bool:
    return any(
        pattern.fullmatch(line.rstrip()) for pattern in (_HEADING, _RULE, _BULLET, _NUMBER, _QUOTE)
    )


def _inline(text: str, *, links: bool = True) -> Markup:
    """One run of text: bold, italics, code, links; line ends as they stand."""
    made: list[Markup] = []
    at = 0
    for found in _INLINE.finditer(text):
        made += [_broken(text[at : found.start()]), _span(found, links)]
        at = found.end()
    return Markup("").join([*made, _broken(text[at:])])


def _broken(text: str) -> Markup:
    return Markup("<br>\n").join(escape(line) for line in text.split("\n"))


def _span(found: re.Match[str], links: bool) -> Markup:
    parts = found.groupdict()
    if parts["plain"]:
        return escape(parts["plain"])
    if parts["code"]:
        return Markup("<code>{}</code>").format(parts["code"])
    if parts["image"]:
        if not own_image(parts["image"]):
            return escape(parts["alt"])
        return Markup('<img src="{}" alt="{}">').format(parts["image"], parts["alt"])
    if parts["link"]:
        words = _inline(parts["words"], links=False)
        if not links or not safe_link(parts["link"]):
            return words
        return Markup('<a href="{}" rel="noopener">{}</a>').format(parts["link"], words)
    strong = parts["strong"] or parts["strong_"]
    inner = _inline(strong or parts["em"] or parts["em_"], links=links)
    return Markup("<{0}>{1}</{0}>").format("strong" if strong else "em", inner)


_ALLOWED = frozenset(
    "p br hr strong b em i u s sub sup small mark code pre blockquote ul ol li dl dt dd div span"
    " h1 h2 h3 h4 h5 h6 table caption thead tbody tfoot tr th td a img abbr".split()
)
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
    "ol": {"start"},
    "abbr": {"title"},
}
# What stands within these is no text for people, so that it goes with its element.
_DROPPED = frozenset(
    "script style template iframe object embed svg math noscript textarea select title head"
    " audio video canvas".split()
)


def sanitised(source: str) -> Markup:
    """The HTML with only what `_ALLOWED` and `_ATTRIBUTES` name; others leave their text."""
    if not source.strip():
        return Markup("")
    try:
        tree = html.fragment_fromstring(source, create_parent="div")
    except (etree.LxmlError, ValueError):
        return escape(source)
    return Markup("").join(_clean(tree, 0))  # the parent itself is ours and is left out


def _clean(element: html.HtmlElement, depth: int) -> Iterator[Markup]:
    yield escape(element.text or "")
    for child in element if depth < 100 else ():
        name = child.tag if isinstance(child.tag, str) else None
        if name is not None and name not in _DROPPED:
            inner = Markup("").join(_clean(child, depth + 1))
            yield _element(child, name, inner) if name in _ALLOWED else inner
        yield escape(child.tail or "")


def _element(element: html.HtmlElement, name: str, inner: Markup) -> Markup:
    kept = {
        key: value
        for key, value in element.attrib.items()
        if key in _ATTRIBUTES.get(name, ()) and _is_safe(key, value)
    }
    if name == "img" and "src" not in kept:
        return escape(element.get("alt", ""))
    if name == "a":
        kept["rel"] = "noopener"
    # One h1 stands above every form: those of the text are its parts.
    shown = "h2" if name == "h1" else name
    attributes = Markup("").join(Markup(' {}="{}"').format(k, v) for k, v in kept.items())
    if name in ("br", "hr", "img"):
        return Markup("<{}{}>").format(shown, attributes)
    return Markup("<{0}{1}>{2}</{0}>").format(shown, attributes, inner)


def _is_safe(key: str, value: str) -> bool:
    if key == "href":
        return safe_link(value)
    return own_image(value) if key == "src" else True
