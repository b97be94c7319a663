"""A certificate for a class that others than this machine can open."""

from __future__ import annotations

import ipaddress
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from curriculum.hub.folder import Class, HubError

_DAYS = 397
"""Browsers take no longer ones."""


def make_if_needed(of: Class) -> None:
    """Have a class that is open to a network use https, with a certificate of its own if need be.

    Raises
    ------
    HubError
        A file that the settings name is not there.
    """
    settings = of.settings
    if bool(settings.certificate) != bool(settings.key):
        raise HubError("class.toml needs both, certificate and key, or neither.")
    if settings.certificate == str(of.certificate):
        soon = datetime.now(UTC) + timedelta(days=7)
        if not of.certificate.exists() or _ends(of.certificate) < soon:
            _make(of.certificate, of.certificate_key, settings.address)
    for path in (settings.certificate, settings.key):
        if path and not Path(path).is_file():
            raise HubError(f"class.toml names the file {path}, and it is not there.")


def _ends(certificate: Path) -> datetime:
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc


def _make(certificate: Path, key: Path, address: str) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, socket.gethostname()[:64])])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName(_names(address)), critical=False)
        .sign(private, hashes.SHA256())
    )
    descriptor = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(
            private.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))


def _names(address: str) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.DNSName(socket.gethostname()), x509.DNSName("localhost")]
    try:
        names.append(x509.IPAddress(ipaddress.ip_address(address)))
    except ValueError:
        names.append(x509.DNSName(address))
    return names
