"""Security headers of every answer (attack 33): what a page of ours may do in a browser."""

from __future__ import annotations

from flask import Response, request

from network.web.entrance.context import settings

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


def secure(response: Response) -> Response:
    """Add the headers that a view has not set itself."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    public = request.path.startswith(("/static/", "/api/", "/feed")) or "xml" in (
        response.mimetype or ""
    )
    headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if public else "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if settings().secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response
