"""A real PostgreSQL server for the length of a test: its own folder, a socket, no network."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy

ADVICE = "PostgreSQL is missing: apt install postgresql"


def programs() -> Path | None:
    """Find the server's programs, which Debian keeps out of the PATH."""
    named = shutil.which("initdb")
    if named:
        return Path(named).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


class Server:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, database: str) -> str:
        """Give the URL of a database, as an instructor writes it into the configuration."""
        return f"postgresql+psycopg2://grader@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template1") -> str:
        """Make a database, as a copy of another one; gives its URL."""
        engine = sqlalchemy.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(f"CREATE DATABASE {database} TEMPLATE {template}"))
        engine.dispose()
        return self.url(database)


@contextmanager
def server() -> Iterator[Server]:
    """Start a server, as an ordinary user where root runs the tests: it refuses root."""
    binaries = programs()
    assert binaries, ADVICE
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    who: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        who |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    try:
        made = [binaries / "initdb", "-D", "data", "-U", "grader", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*made, "--no-sync", "--locale=C"], check=True, **who)
        settings = f"-k {folder} -c listen_addresses='' -c fsync=off"
        control = [binaries / "pg_ctl", "-D", "data", "-w"]
        subprocess.run([*control, "-o", settings, "-l", "log", "start"], check=True, **who)
        try:
            yield Server(folder)
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, **who)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
