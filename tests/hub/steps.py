"""What people of a class do in many tests: release, fetch, hand in, collect, grade."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hub_class import HubClass, Person

from curriculum.hub import start
from curriculum.hub.exchange import bundle
from curriculum.hub.exchange.desk import SECRET, TIMESTAMP
from curriculum.hub.exchange.receipts import Receipt, Receipts

TOPIC = "gradient_descent"

_DESK = """
import json
from pathlib import Path
from curriculum.hub.exchange.client import DeskClient, DeskError, Paths
desk = DeskClient(Paths(Path.home()))
try:
    print("done:" + json.dumps({call}))
except (DeskError, OSError) as why:
    print("refused:" + str(why))
"""


def in_course(klass: HubClass, *argv: str) -> str:
    """Run a command as those who teach do."""
    return start.in_course_room(klass.of, argv)


def release(klass: HubClass, topic: str = TOPIC) -> None:
    in_course(klass, "nbgrader", "release_assignment", topic)


def asked(person: Person, call: str) -> Any:
    """Ask the desk in a kernel of somebody's; gives what it answered, or why it refused."""
    said = person.run(_DESK.format(call=call))
    kind, _, text = said.strip().rpartition("\n")[2].partition(":")
    assert kind in ("done", "refused"), said
    return json.loads(text) if kind == "done" else text


def fetch(person: Person, topic: str = TOPIC) -> Any:
    return asked(person, f"desk.fetch({topic!r})")


def submit(person: Person, topic: str = TOPIC) -> Any:
    return asked(person, f"desk.submit({topic!r})")


def receipts(klass: HubClass) -> Receipts:
    return Receipts(exchange(klass) / "receipts.sqlite")


def exchange(klass: HubClass) -> Path:
    return klass.of.exchange(klass.of.settings.course)


def check_exchange(folder: Path) -> list[Receipt]:
    """See that each receipt has its files, each folder its receipt, and the chain holds."""
    book = Receipts(folder / "receipts.sqlite")
    assert book.first_wrong() is None
    found = book.all()
    for receipt in found:
        assert digest(folder / "inbound" / receipt.folder) == receipt.digest, receipt
    visible = {path.name for path in (folder / "inbound").glob("*+*")}
    assert visible == {receipt.folder for receipt in found}
    return found


def digest(folder: Path) -> str:
    """Give the digest of the files that a student handed in."""
    files = bundle.read(folder, bundle.Bounds(files=1000))
    return bundle.digest({p: c for p, c in files.items() if p not in (TIMESTAMP, SECRET)})
