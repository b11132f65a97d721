"""Which addresses a form may show pictures from and lead to."""

from __future__ import annotations

from urllib.parse import urlsplit


def own_image(source: str) -> bool:
    """Whether pages may show the image: one within the form itself, or from this site."""
    kinds = ("png", "jpeg", "gif", "webp")
    if any(source.startswith(f"data:image/{kind};base64,") for kind in kinds):
        return True
    return source.startswith("/") and not source.startswith(("//", "/\\"))


def safe_link(url: str) -> bool:
    """Whether a link may lead there: a page of this site, another site by https, or a mail."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme or parts.netloc:
        return (parts.scheme in ("https", "http") and bool(parts.netloc)) or (
            parts.scheme == "mailto" and not parts.netloc
        )
    return url.startswith(("/", "#")) and not url.startswith(("//", "/\\"))
