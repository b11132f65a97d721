"""Headers that tell browsers what our pages may do: no other host, no inline code, no frame."""

from __future__ import annotations

from wsgiref.headers import Headers

from flask import Flask, Response, request

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "style-src 'self'",
        "script-src 'self'",
        "font-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def harden(response: Response) -> Response:
    """Adds what is missing; a page never weakens it by leaving something out."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault(
            "Strict-Transport-Security", "max-age=31536000; includeSubDomains"
        )
    # Pages hold personal data: neither a shared proxy nor the back button after log-out may show
    # them.
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def static_headers(headers: Headers, _path: str, _url: str) -> None:
    """The same for files that are served without the application."""
    for name, value in HEADERS.items():
        headers[name] = value


def register(app: Flask) -> None:
    """Every answer of `app` carries the headers."""
    app.after_request(harden)
