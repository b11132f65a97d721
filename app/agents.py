"""Browsers by name: what somebody recognises among the places where they are logged in."""

from __future__ import annotations

from flask_babel import gettext

# The first that fits: browsers call themselves by the names of those that they resemble.
_BROWSERS = (
    ("coc_coc_browser", "Cốc Cốc"), ("Edg", "Microsoft Edge"), ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser(agent: str | None) -> str:
    """ "Chrome trên Windows" of what a browser sends of itself; just that, if it is none known."""
    said = agent or ""
    name = next((name for mark, name in _BROWSERS if mark in said), "")
    system = next((name for mark, name in _SYSTEMS if mark in said), "")
    if name and system:
        return gettext("%(browser)s on %(system)s", browser=name, system=system)
    return name or said
