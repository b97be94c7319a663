"""A class that comes together: 30 people sign in, start their servers, fetch a topic, hand it in.

Run it with ``python -m benchmarks.hub_load [--students 30] [--minutes 5] [--arrive 60]``, as root
where rooms need it. It opens a real class in a temporary folder (`tests/hub/hub_class.py`), with
its hub, its proxy, its desk and a room for each server, and measures, one after the other:

alone
    Some people (``--alone 3``), each by themselves in the class, which has nothing else to do.
together
    All others. They arrive within ``--arrive`` seconds, and have ``--minutes`` to hand in, while
    ``curriculum grade`` grades ``--earlier`` submissions in the course's room, over and over.

Each does what a browser does: asks for the page and signs in; starts the server, and waits until it
answers; starts a kernel and shows the class's page in it; then runs what the page's buttons run,
*Fetch* and *Submit*, so the topic passes from the desk through the room's doors to the student's
files, and back. Servers and kernels stay until all are done, as people do. Whoever plays the people
runs on the same machine. What is handed in is compared with receipts and with the files that came.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from benchmarks import meter
from benchmarks.meter import progress

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "hub"))

import corpus
from hub_class import HubClass, Person
from steps import TOPIC, check_exchange, exchange, in_course, release

from curriculum import files
from curriculum.hub import people, room
from curriculum.hub.people import INSTRUCTOR, STUDENT, People
from curriculum.hub.sign_in import FIRST_LINE

STEPS = ("sign in", "start the server", "open the class's page", "fetch", "submit")
_PATIENCE = 600
_KINDS = ("right", "wrong", "partial", "alternative")
_PAGE = "from curriculum.hub import my_class\nmy_class.show()"
_FETCH = "brought = my_class.DeskClient(my_class.Paths(my_class.Path.cwd())).fetch({topic!r})\n"
_FETCH += "print('files:', len(brought))"
_SUBMIT = "import json\ndesk = my_class.DeskClient(my_class.Paths(my_class.Path.cwd()))\n"
_SUBMIT += "print('receipt:', json.dumps(desk.submit({topic!r})))"


@dataclass
class Visit:
    """What one person met.

    Parameters
    ----------
    name : str
        Who.
    took : dict
        Seconds of each step that went well.
    receipt : dict or None
        For what they handed in.
    error : str
        What went wrong.
    ended : float
        When they had their receipt.
    """

    name: str
    took: dict[str, float] = field(default_factory=dict)
    receipt: dict[str, object] | None = None
    error: str = ""
    ended: float = 0.0

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step."""
        began = time.monotonic()
        yield
        self.took[name] = time.monotonic() - began


def visit(klass: HubClass, name: str, stay: Callable[[], object], seconds: float) -> Visit:
    """Be one person of the class, until they have handed in; then stay."""
    made = Visit(name)
    try:
        with made.step(STEPS[0]):
            person = klass.sign_in(name)
        with made.step(STEPS[1]):
            start_server(person)
        with contextlib.ExitStack() as open_:
            with made.step(STEPS[2]):
                run = open_.enter_context(person.kernel())
                _expect("", run(_PAGE, seconds))
            with made.step(STEPS[3]):
                _expect("files:", run(_FETCH.format(topic=TOPIC), seconds))
            with made.step(STEPS[4]):
                said = _expect("receipt:", run(_SUBMIT.format(topic=TOPIC), seconds))
            made.receipt = json.loads(said)
            made.ended = time.monotonic()
            stay()
    except Exception as error:  # counted: whatever it was, this person could not hand in
        made.error = f"{type(error).__name__}: {error}"[:300]
        made.ended = time.monotonic()
        stay()
    return made


def start_server(person: Person) -> None:
    """Start somebody's server, and wait as the hub's page does: it is told when it is ready."""
    person.ask("GET", f"/hub/spawn/{person.name}")
    told = {"_xsrf": _token(person)}
    address = f"/hub/api/users/{person.name}/server/progress"
    with person.http.stream("GET", address, params=told, timeout=_PATIENCE) as saying:
        ready = any('"ready": true' in line for line in saying.iter_lines())
    if not ready:
        raise RuntimeError("the hub said that the server did not start")
    person.start_server()


def _token(person: Person) -> str:
    return next(c.value for c in person.http.cookies.jar if c.name == "_xsrf" and "hub" in c.path)


def _expect(start: str, said: str) -> str:
    if "Error" in said or not said.startswith(start):
        raise RuntimeError(said[-300:])
    return said.removeprefix(start).strip()


@contextlib.contextmanager
def grading(klass: HubClass) -> Iterator[list[float]]:
    """Grade what is there over and over; gives how long each time took."""
    ended, times = threading.Event(), []

    def go_on() -> None:
        while not ended.is_set():
            began = time.monotonic()
            in_course(klass, "curriculum", "grade", TOPIC, "--force")
            times.append(time.monotonic() - began)

    with ThreadPoolExecutor(1) as beside:
        running = beside.submit(go_on)
        try:
            yield times
        finally:
            ended.set()
            running.result()


def hand_in_earlier(klass: HubClass, number: int) -> None:
    """Put some submissions into the course, as they are after `nbgrader collect`."""
    course = klass.of.course(klass.of.settings.course) / "course"
    topic = corpus.read(TOPIC, course)
    owner = course.stat()
    for place in range(number):
        notebooks = corpus.SUBMISSIONS[_KINDS[place % len(_KINDS)]](topic)
        corpus.write(notebooks, course / "submitted" / f"earlier{place:02}" / TOPIC)
    for path in [course / "submitted", *(course / "submitted").rglob("*")]:
        os.chown(path, owner.st_uid, owner.st_gid)


def take_in(klass: HubClass, names: Sequence[str]) -> None:
    """Give names their places and passwords, before the class opens."""
    words = {name: people.password() for name in ("teacher", *names)}
    for name in words:
        People(klass.of).add(name, INSTRUCTOR if name == "teacher" else STUDENT)
    lines = "".join(f"{name} {word}\n" for name, word in words.items())
    files.write_text(klass.of.passwords, FIRST_LINE + lines)
    klass.of.passwords.chmod(0o600)


def together(klass: HubClass, names: Sequence[str], arrive: float, minutes: float) -> list[Visit]:
    """Have all come within some seconds, and stay until all have handed in."""
    done = threading.Barrier(len(names) + 1)
    looked = threading.Event()

    def stay() -> None:
        done.wait()
        looked.wait()

    def come(place: int) -> Visit:
        time.sleep(arrive * place / len(names))
        return visit(klass, names[place], stay, 60 * minutes)

    with ThreadPoolExecutor(len(names)) as pool:
        coming = [pool.submit(come, place) for place in range(len(names))]
        done.wait()
        print(memory(klass, names))
        looked.set()
        return [one.result() for one in coming]


def memory(klass: HubClass, names: Sequence[str]) -> str:
    """Say what servers, with a kernel each, and the class's own parts take: PSS."""
    homes = {name: str(klass.of.home(name)) for name in names}
    parts = {"curriculum.hub.exchange.service": "desk", "configurable-http-proxy": "proxy"}
    servers, own = dict.fromkeys(names, 0.0), dict.fromkeys(["hub", "proxy", "desk"], 0.0)
    for process in psutil.process_iter(["cmdline", "ppid"]):
        command = process.info["cmdline"] or []
        text = " ".join(command)
        for name, home in homes.items():
            if home in command and command[0] == "/bin/sh":
                servers[name] = _tree(process)
        if str(klass.root) in text and command[0] != "/bin/sh":
            for word, part in parts.items():
                own[part] += meter.pss(process.pid) if word in text else 0
    assert klass.process
    own["hub"] = meter.pss(klass.process.pid)
    there = [size for size in servers.values() if size]
    if not there:
        return "\nMemory: no server is there.\n"
    said = ", ".join(f"{part} {size:.0f} MB" for part, size in own.items())
    return (
        f"\nMemory, proportional set size: a server with its kernel and its room"
        f" {statistics.median(there):.0f} MB (median of {len(there)}; at most {max(there):.0f}),"
        f" all servers {sum(there):.0f} MB; {said}.\n"
    )


def _tree(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):
        below = process.children(recursive=True)
        return meter.pss(process.pid) + sum(meter.pss(one.pid) for one in below)
    return 0.0


def latencies(alone: Sequence[Visit], all_: Sequence[Visit]) -> str:
    """Give the table of seconds, and their ratios to being alone."""
    lines = [
        "| seconds | alone | median | 95 % | worst | median to alone | worst to alone |",
        "|---|---|---|---|---|---|---|",
    ]
    for step in (*STEPS, "all of it"):
        before, now = _seconds(alone, step), sorted(_seconds(all_, step))
        if not before or not now:
            lines.append(f"| {step} | | | | | | |")
            continue
        base, middle = statistics.median(before), statistics.median(now)
        late = now[min(len(now) - 1, round(0.95 * len(now)))]
        ratios = f"{middle / base:.1f} | {now[-1] / base:.1f}"
        lines.append(
            f"| {step} | {base:.2f} | {middle:.2f} | {late:.2f} | {now[-1]:.2f} | {ratios} |"
        )
    return "\n".join([*lines, ""])


def _seconds(visits: Sequence[Visit], step: str) -> list[float]:
    if step in STEPS:
        return [one.took[step] for one in visits if step in one.took]
    return [sum(one.took.values()) for one in visits if one.receipt]


def received(klass: HubClass, visits: Sequence[Visit]) -> str:
    """Compare what was sent with what came; gives a sentence."""
    sent = {one.name: one.receipt for one in visits if one.receipt}
    came = check_exchange(exchange(klass))  # fails where the chain or a file is not as it was
    same = sum(sent.get(receipt.student) == vars(receipt) for receipt in came)
    return (
        f"Handed in: {len(sent)}; receipts in the class's book: {len(came)}, the same as people"
        f" have: {same}; the chain is intact, and each has its files."
    )


def run(klass: HubClass, options: argparse.Namespace) -> bool:
    """Measure a class, and print it; gives whether all went well."""
    alone = [f"alone{place:02}" for place in range(options.alone)]
    names = [f"student{place:02}" for place in range(options.students)]
    take_in(klass, [*alone, *names])
    progress("opening the class")
    klass.start()
    release(klass)
    hand_in_earlier(klass, options.earlier)
    quiet = []
    for name in alone:
        progress(f"{name} by themselves")
        quiet.append(visit(klass, name, lambda: None, 60 * options.minutes))
        stop_server(klass, name)
    progress(f"{options.students} people")
    began, cpu = time.monotonic(), time.process_time()
    with grading(klass) as times:
        visits = together(klass, names, options.arrive, options.minutes)
        last = max(one.ended for one in visits) - began
        playing = time.process_time() - cpu
    print(latencies(quiet, visits))
    errors = [one for one in [*quiet, *visits] if one.error]
    for one in errors:
        print(f"- {one.name}: {one.error}")
    print(received(klass, [*quiet, *visits]))
    print(
        f"Errors: {len(errors)}. From the first who arrived to the last receipt: {last:.0f} s (they"
        f" arrived within {options.arrive:.0f} s; {60 * options.minutes:.0f} s are the limit)."
    )
    print(
        f"Meanwhile {options.earlier} earlier submissions were graded {len(times)} times, the"
        f" median in {statistics.median(times):.0f} s. Playing the people took {playing:.0f} s of"
        " CPU."
    )
    return not errors and last <= 60 * options.minutes


def stop_server(klass: HubClass, name: str) -> None:
    """Stop somebody's server, as they would before they go."""
    person: Person = klass.sign_in(name)
    page = person.ask("GET", "/hub/home")
    headers = {"X-XSRFToken": _token(person), "Referer": str(page.url)}
    address = f"/hub/api/users/{name}/server"
    answer: httpx.Response = person.http.request("DELETE", address, headers=headers)
    if answer.is_error:
        raise SystemExit(f"{name}'s server can't be stopped: {answer.text[-300:]}")


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark; ends with status 1 if somebody could not hand in."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--alone", type=int, default=3, help="people for the baseline")
    parser.add_argument("--earlier", type=int, default=8, help="submissions that are graded")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--arrive", type=float, default=60, help="seconds in which all arrive")
    options = parser.parse_args(argv)
    if room.why_not():
        print(f"Not measured. {room.why_not()}")
        return
    with tempfile.TemporaryDirectory(prefix="hub-load-") as folder:
        klass = HubClass(Path(folder).resolve() / "class")
        try:
            well = run(klass, options)
        finally:
            klass.stop()
    if not well:
        sys.exit(1)


if __name__ == "__main__":
    main()
