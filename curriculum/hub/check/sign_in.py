"""Rules about who may sign in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from curriculum.hub.check.configuration import LOCAL, Configuration
from curriculum.hub.check.findings import Finding, error, warning

_ORGANISATIONS = ("hosted_domain", "tenant_id", "allowed_idps")
"""Traits of authenticators that let in the people of one organisation alone."""
_LTI13 = ("issuer", "client_id", "authorize_url", "jwks_endpoint")


def one_password_for_all(of: Configuration) -> Iterator[Finding]:
    """Find DummyAuthenticator, and what is like it."""
    if of.is_a("authenticator", "DummyAuthenticator"):
        how = "with any password"
        if of.of("authenticator", "password"):
            how = "with the one password that all share"
        yield error(
            f"DummyAuthenticator lets anybody sign in under any name {how}: choose OAuth, LTI 1.3"
            " or another authenticator that knows people apart."
        )
    if of.is_a("authenticator", "SharedPasswordAuthenticator"):
        yield error(
            "With SharedPasswordAuthenticator, everybody who knows the one password can sign in as"
            " everybody else: choose OAuth, LTI 1.3 or NativeAuthenticator."
        )


def open_sign_up(of: Configuration) -> Iterator[Finding]:
    """Find accounts that nobody approves."""
    if of.is_a("authenticator", "NativeAuthenticator"):
        if of.of("authenticator", "open_signup"):
            yield error(
                "NativeAuthenticator.open_signup lets anybody in who chooses a name, even an"
                " instructor's: set it to False, and let people in on the page /hub/authorize."
            )
        if of.of("authenticator", "allow_self_approval_for"):
            yield warning(
                "NativeAuthenticator.allow_self_approval_for lets people approve themselves: make"
                " sure that its pattern ends with your own domain and `$`."
            )
    if of.is_a("authenticator", "FirstUseAuthenticator") and of.of(
        "authenticator", "create_users", True
    ):
        yield error(
            "With FirstUseAuthenticator, whoever first uses a name owns it: set"
            " FirstUseAuthenticator.create_users to False, and add people yourself."
        )


def everybody_of_a_provider(of: Configuration) -> Iterator[Finding]:
    """Find `allow_all` where a provider has accounts for the world."""
    if not of.is_a("authenticator", "OAuthenticator") or not of.of("authenticator", "allow_all"):
        return
    if not any(of.of("authenticator", trait) for trait in _ORGANISATIONS):
        yield error(
            f"{of.name_of('authenticator')}.allow_all lets in everybody who has an account with the"
            " provider: set it to False, and name people in allowed_users, or an organisation."
        )


def nobody_may_sign_in(of: Configuration) -> Iterator[Finding]:
    """Find no `allow_…` at all, which JupyterHub takes for nobody."""
    if of.why_missing("authenticator") or of.is_a("authenticator", "NullAuthenticator"):
        return
    traits = ("allow_all", "allow_existing_users", "allowed_users", "admin_users")
    sections = [of.said.get("config", {}).get(name, {}) for name in of.family("authenticator")]
    others = [v for s in sections for name, v in s.items() if name.startswith("allow")]
    if not any(of.of("authenticator", trait) for trait in traits) and not any(others):
        yield error(
            "Nobody may sign in: JupyterHub lets in only whom an allow_… setting names; set"
            " Authenticator.allowed_users."
        )


def keys_of_lti(of: Configuration) -> Iterator[Finding]:
    """Look at what a launch is checked against."""
    if of.is_a("authenticator", "LTI13Authenticator"):
        lacking = [name for name in _LTI13 if not of.of("authenticator", name)]
        if lacking:
            yield error(
                f"LTI13Authenticator has no {', '.join(lacking)}, so no launch can be checked: copy"
                " them from the page where the LMS shows this tool."
            )
        for name in ("authorize_url", "jwks_endpoint"):
            if str(of.of("authenticator", name, "")).startswith("http://"):
                yield error(
                    f"LTI13Authenticator.{name} is not https, so launches can be forged on the way:"
                    " write https."
                )
    if of.is_a("authenticator", "LTI11Authenticator"):
        if not of.of("authenticator", "consumers"):
            yield error(
                "LTI11Authenticator.consumers is empty, so no launch can be checked: give the key"
                " and secret of your LMS."
            )
        yield warning("LTI 1.1 is no longer supported by who made it: move to LTI 1.3.")


def client_of_oauth(of: Configuration) -> Iterator[Finding]:
    """Look at who this hub is to the provider."""
    if not of.is_a("authenticator", "OAuthenticator"):
        return
    for name in ("client_id", "client_secret"):
        # They are read from the environment as well, under names like GITHUB_CLIENT_ID.
        if of.of("authenticator", name) or any(v.endswith(name.upper()) for v in os.environ):
            continue
        yield error(
            f"{of.name_of('authenticator')}.{name} is not set, so the provider turns everybody"
            " away: set it to what the provider gave you."
        )


def callback(of: Configuration) -> Iterator[Finding]:
    """Look at where the provider sends people back to."""
    if not of.is_a("authenticator", "OAuthenticator"):
        return
    url = str(of.of("authenticator", "oauth_callback_url", ""))
    parts = urlsplit(url)
    if not url:
        yield warning(
            "OAuthenticator.oauth_callback_url is not set, and is then guessed from each request:"
            " set it to https://…/hub/oauth_callback."
        )
        return
    if parts.scheme != "https" and parts.hostname not in LOCAL:
        yield error(
            f"oauth_callback_url {url} is not https, so who listens on the way can sign in as"
            " somebody else: write https, there and at the provider."
        )
    if not parts.path.endswith("/oauth_callback"):
        yield error(
            f"oauth_callback_url {url} does not end with /hub/oauth_callback, so nobody comes back"
            " from the provider: mend it, there and at the provider."
        )
    public = urlsplit(str(of.hub("public_url") or ""))
    if public.hostname and public.hostname != parts.hostname:
        yield error(
            f"oauth_callback_url leads to {parts.hostname}, and the hub is at {public.hostname}:"
            " make them the same."
        )


def names(of: Configuration) -> Iterator[Finding]:
    """Look at names that become accounts, folders, and parts of submissions."""
    own = ("NativeAuthenticator", "PAMAuthenticator", "NullAuthenticator")
    if (
        of.desks
        and not of.of("authenticator", "username_pattern")
        and not of.is_a("authenticator", *own)
    ):
        yield warning(
            "Authenticator.username_pattern is not set, and who has a name with @, + or a space"
            r" can't hand in: set it to r'[a-z][a-z0-9_.-]{0,31}\Z'."
        )


RULES = (
    one_password_for_all,
    open_sign_up,
    everybody_of_a_provider,
    nobody_may_sign_in,
    keys_of_lti,
    client_of_oauth,
    callback,
    names,
)
