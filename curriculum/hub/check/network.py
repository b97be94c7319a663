"""Rules about how browsers reach the hub, and what pages may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from curriculum.hub.check import machine
from curriculum.hub.check.configuration import LOCAL, Configuration
from curriculum.hub.check.findings import Finding, error, warning


def tls(of: Configuration) -> Iterator[Finding]:
    """Find passwords and cookies that cross a network in the clear."""
    _, host, _ = of.address
    if host not in LOCAL and not of.hub("ssl_cert"):
        yield error(
            f"The hub listens on {host or 'all addresses'} without TLS, so who listens on the way"
            " reads passwords and cookies: set ssl_cert and ssl_key, or bind_url to 127.0.0.1"
            " behind a proxy that has the certificate."
        )
    public = urlsplit(str(of.hub("public_url") or ""))
    if public.scheme == "http" and public.hostname not in LOCAL:
        yield error(f"public_url {public.geturl()} is not https: write https.")


def certificate(of: Configuration) -> Iterator[Finding]:
    """Look at the files for TLS."""
    cert, key = of.hub("ssl_cert"), of.hub("ssl_key")
    if bool(cert) != bool(key):
        yield error("JupyterHub needs both, ssl_cert and ssl_key, or neither: set the other, too.")
    elif cert:
        yield from machine.certificate(Path(cert), Path(key))


def hub_itself(of: Configuration) -> Iterator[Finding]:
    """Look at the hub's own port, which only servers and services need."""
    if of.inner_address[0] in ("0.0.0.0", "", "::") and not of.hub("internal_ssl"):
        yield warning(
            "The hub's own port is open on all addresses, without TLS: set hub_bind_url to the one"
            " that students' servers reach."
        )


def frames(of: Configuration) -> Iterator[Finding]:
    """Find pages of the hub within pages of others."""
    for name, value in _headers(of).items():
        if name.lower() != "content-security-policy":
            continue
        ancestors = re.search(r"frame-ancestors([^;]*)", value)
        if ancestors is None or ancestors.group(1).strip() != "'none'":
            allowed = ancestors.group(1).strip() if ancestors else "everybody"
            yield error(
                f"tornado_settings lets {allowed or 'nobody and everybody'} frame all pages of the"
                " hub, so a page of a student can have a teacher press its buttons: take"
                " Content-Security-Policy out, and let an LMS open the hub in a new window."
            )


def other_sites(of: Configuration) -> Iterator[Finding]:
    """Find requests that other sites make in a person's name."""
    for name, value in _headers(of).items():
        if name.lower() == "access-control-allow-origin" and value.strip() == "*":
            yield error(
                "tornado_settings lets every site read the hub's pages in a person's name"
                " (Access-Control-Allow-Origin: *): take it out."
            )
    settings = of.hub("tornado_settings") or {}
    if isinstance(settings, dict) and settings.get("xsrf_cookies") is False:
        yield error(
            "tornado_settings turns off xsrf_cookies, so other sites can send forms in a person's"
            " name: take it out."
        )


def _headers(of: Configuration) -> dict[str, str]:
    settings = of.hub("tornado_settings") or {}
    headers = settings.get("headers") if isinstance(settings, dict) else {}
    return {str(name): str(value) for name, value in (headers or {}).items()}


RULES = (tls, certificate, hub_itself, frames, other_sites)
