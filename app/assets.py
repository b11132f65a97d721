"""Names of built front-end files: `asset("main.js")` is where `dist/main-<hash>.js` is served."""

import json
import logging
from pathlib import Path

from flask import Flask, url_for

DIST = Path(__file__).parent / "static" / "dist"


def read_manifest(dist: Path = DIST) -> dict[str, str]:
    """Plain name to hashed name, as the build wrote it: {"main.js": "main-SXQAS3VD.js"}.

    Empty, with a warning in the log, when the front end has not been built: pages then work
    as plain links and forms, which is what tests without Node and a broken deploy need.
    """
    try:
        manifest: dict[str, str] = json.loads((dist / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        logging.getLogger(__name__).warning(
            "The front end is not built, pages have no style: "
            "run `npm ci && node build.mjs` in app/frontend."
        )
        return {}
    return manifest


def register(app: Flask) -> None:
    """Templates of `app` can call `asset(name)`.

    The manifest is read once in production, because hashed names change only with a deploy,
    and at every call in debug, because a developer builds while the server runs.
    """
    manifest = read_manifest()

    def asset(name: str) -> str:
        """The address of one built file; the name itself if the build does not know it."""
        names = read_manifest() if app.debug else manifest
        return url_for("static", filename=f"dist/{names.get(name, name)}")

    app.jinja_env.globals["asset"] = asset
