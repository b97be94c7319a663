"""Rules about whether JupyterHub can make anything of a configuration."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from curriculum.hub.check.configuration import Configuration
from curriculum.hub.check.findings import Finding, error, warning

_PACKAGES = {
    "oauthenticator": "oauthenticator",
    "ltiauthenticator": "jupyterhub-ltiauthenticator",
    "nativeauthenticator": "jupyterhub-nativeauthenticator",
    "firstuseauthenticator": "jupyterhub-firstuseauthenticator",
    "systemdspawner": "jupyterhub-systemdspawner",
    "dockerspawner": "dockerspawner",
    "sudospawner": "sudospawner",
    "kubespawner": "jupyterhub-kubespawner",
}


def fails(of: Configuration) -> Iterator[Finding]:
    """Find a program that ends with an error."""
    if of.fails:
        yield error(f"{of.path} can't be loaded, and the hub won't start ({of.fails}): mend it.")


def classes(of: Configuration) -> Iterator[Finding]:
    """Find classes that can't be had."""
    for kind in ("authenticator", "spawner", "proxy"):
        why = of.why_missing(kind)
        if not why:
            continue
        name = str(of.hub(f"{kind}_class"))
        package = _PACKAGES.get(name.split(".")[0])
        cure = f"`pip install {package}`" if package else "install its package, or mend its name"
        yield error(f"The {kind} {name} can't be had in this environment ({why}): {cure}.")


def misspelt(of: Configuration) -> Iterator[Finding]:
    """Find settings that nothing reads."""
    for section, trait, why in of.said.get("faults", []):
        if why:
            yield error(f"c.{section}.{trait} can't be what it is set to: {why}")
            continue
        near = difflib.get_close_matches(trait, _known(of), 1)
        cure = f"was c.{section}.{near[0]} meant?" if near else "take it out."
        yield error(f"c.{section}.{trait} is a setting that there is not, and does nothing: {cure}")
    missing = any(of.why_missing(kind) for kind in ("authenticator", "spawner", "proxy"))
    for section in of.said.get("unused", []) if not missing else ():
        yield warning(
            f"c.{section} is set, and this hub uses no class of that name: take it out, or mend the"
            " name."
        )


def _known(of: Configuration) -> list[str]:
    kinds = of.said.get("kinds", {}).values()
    return [*of.said.get("hub", {}), *(name for kind in kinds for name in kind.get("defaults", {}))]


RULES = (fails, classes, misspelt)
