"""A hostile submission in a browser: nothing of it runs, nothing is asked for, pictures show."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import classroom
import course as courses
import hostile
import nbformat
import pytest
from classroom import Room, Score
from lab import Lab, start_lab, wait_for_lab
from nbformat import v4
from playwright.sync_api import Page, Response, expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

TOPIC, NOTEBOOK, SAY = courses.TOPIC, "4_say", "explain_step"
TRAP = "from pathlib import Path\nPath({path!r}).write_text('ran')\nc = get_config()\n"
PAGE = f"<h1>A page of a student's</h1><script>{hostile.RUN}</script>"
LOUD = (
    "script", "picture that fails", "iframe", "base", "picture of another host",
    "style element that loads", "object", "video", "link element", "svg that loads", "module",
)  # fmt: skip
FOLLOW = """url => {
    const link = Object.assign(document.createElement('a'), {href: url, target: '_blank'})
    document.body.append(link)
    link.click()
}"""
FRAME = "url => document.body.append(Object.assign(document.createElement('iframe'), {src: url}))"
KINDS = ("png", "jpeg", "gif", "webp")


@dataclass(frozen=True)
class Desk:
    """A graded course, open in JupyterLab, in which one student means harm."""

    room: Room
    lab: Lab
    submission: str

    @property
    def graded(self) -> Path:
        return self.room.course / "autograded" / "eve" / TOPIC

    @property
    def feedback(self) -> Path:
        return self.room.course / "feedback" / "eve" / TOPIC / f"{NOTEBOOK}.html"

    @property
    def address(self) -> str:
        return f"{self.lab.address}/formgrader/submissions/{self.submission}/"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a course with a submission that is graded, and then filled with all that is hostile.

    It is filled afterwards, as if grading had let everything through.
    """
    folder = tmp_path_factory.mktemp("hostile")
    bodies = {"1_see": "", "2_build": "", "3_use": "", NOTEBOOK: classroom.SAY}
    room = Room(folder, courses.make_course(folder / "course", **bodies))
    courses.run(room.course, "curriculum", "build")
    said = classroom.answered(room.released(TOPIC, NOTEBOOK), {SAY: "It goes down."})
    room.hand_in("eve", TOPIC, **{NOTEBOOK: nbformat.writes(said)})
    room.nbgrader("autograde", TOPIC, f"--CourseDirectory.notebook_id={NOTEBOOK}")
    path = room.course / "autograded" / "eve" / TOPIC / f"{NOTEBOOK}.ipynb"
    path.chmod(0o644)
    graded = nbformat.read(path, 4)
    honest = v4.new_markdown_cell(
        "![pasted](attachment:a) $x^2$", attachments={"a": {"image/png": hostile.png()}}
    )
    data = {kind: hostile.picture(kind.upper()) for kind in KINDS}
    shown = [hostile.showing(**{f"image_{kind}": text}) for kind, text in data.items()]
    filling = hostile.all_in_one()
    graded.cells[1:1] = [
        *filling.cells,
        honest,
        *shown,
        hostile.showing(image_svg__xml=hostile.SVG),
    ]
    graded.metadata.update(filling.metadata)
    path.write_text(v4.writes(graded))
    path.with_name("evil.html").write_text(PAGE)
    trap = TRAP.format(path=str(folder / "sprung"))
    path.with_name("nbgrader_config.py").write_text(trap)
    room.nbgrader("generate_feedback", TOPIC)
    with room.gradebook() as book:
        submission = book.find_submission_notebook(NOTEBOOK, TOPIC, "eve").id
    with start_lab(room.course) as lab:
        yield Desk(room, lab, submission)


@dataclass
class Watched:
    """What a page did that a person would not want."""

    page: Page
    dialogs: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def nothing_ran(self) -> None:
        assert self.dialogs == []
        assert self.page.refused == []  # type: ignore[attr-defined]
        assert [frame.evaluate("window.ran") for frame in self.page.frames] == [None]


@pytest.fixture
def watched(page: Page) -> Watched:
    seen = Watched(page)
    page.on("dialog", lambda d: (seen.dialogs.append(d.message), d.dismiss()))
    page.on("console", lambda m: seen.complaints.append(m.text))
    page.on("request", lambda r: seen.requests.append(r.url))
    return seen


def provoke(page: Page) -> None:
    """Go over what waits for a person: with the mouse, with the keyboard, with a click."""
    page.evaluate(
        """() => {
            for (const at of document.querySelectorAll('#notebook-container *'))
                for (const kind of ['mouseover', 'focus', 'click', 'toggle', 'error', 'load'])
                    if (!(at.matches('a[href], a[href] *') && kind === 'click'))
                        at.dispatchEvent(new Event(kind, {bubbles: false}))
        }"""
    )
    page.wait_for_timeout(300)


def pictures(page: Page) -> list[str]:
    """Give the alternative texts, or kinds, of pictures that are drawn."""
    return page.evaluate(
        "() => [...document.images].filter(i => i.naturalWidth && i.getAttribute('src'))"
        ".map(i => i.src.slice(5, i.src.indexOf(';')))"
    )


def test_a_feedback_page_runs_nothing_and_asks_for_nothing(
    desk: Desk, watched: Watched, artifacts: Path
) -> None:
    watched.page.goto(desk.feedback.as_uri())
    provoke(watched.page)
    watched.page.screenshot(path=artifacts / "feedback-hostile.png")
    watched.nothing_ran()
    assert watched.requests == [desk.feedback.as_uri()]
    assert watched.complaints == [], "the policy had nothing left to refuse"
    assert {f"image/{kind}" for kind in (*KINDS, "svg+xml")} <= set(pictures(watched.page))
    expect(watched.page.locator("math msup")).not_to_have_count(0)


def test_the_policy_of_feedback_alone_would_do(desk: Desk, watched: Watched) -> None:
    raw = "".join(hostile.HTML[name] for name in LOUD)
    head, mark, body = desk.feedback.read_text().partition("<body>")
    uncleaned = desk.feedback.with_name("uncleaned.html")
    uncleaned.write_text(head + mark + raw + body)
    watched.page.goto(uncleaned.as_uri())
    watched.page.wait_for_timeout(500)
    assert watched.dialogs == []
    assert watched.page.evaluate("window.ran") is None
    assert watched.page.refused == []  # type: ignore[attr-defined]
    assert any("Content Security Policy" in text for text in watched.complaints)
    uncleaned.write_text((head + mark + raw + body).replace("Content-Security-Policy", "X"))
    watched.page.goto(uncleaned.as_uri())
    watched.page.wait_for_timeout(500)
    assert watched.page.evaluate("window.ran") == 1, "without the policy, all of this runs"
    assert watched.page.refused != []  # type: ignore[attr-defined]


def test_the_formgrader_runs_nothing_and_works(
    desk: Desk, watched: Watched, artifacts: Path
) -> None:
    page = watched.page
    page.goto(desk.lab.url("/api/status"))
    watched.requests.clear()
    answer = page.goto(desk.address)
    assert answer and "object-src 'none'" in answer.headers["content-security-policy"]
    score = page.locator(f"#{SAY}")
    expect(score).to_have_class(re.compile("needs_manual_grade"))
    assert page.evaluate("formgrader.loaded"), "its keys work, too"
    provoke(page)
    page.screenshot(path=artifacts / "formgrader-hostile.png")
    watched.nothing_ran()
    assert [text for text in watched.complaints if "Content Security Policy" in text] == []
    served = (f"{desk.lab.address}/formgrader/{part}/" for part in ("static", "api"))
    own = (desk.address, *served, "data:image/")
    assert [url for url in watched.requests if not url.startswith(own)] == []
    assert {f"image/{kind}" for kind in (*KINDS, "svg+xml")} <= set(pictures(page))

    with page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT"):
        score.fill("3")
        score.press("Tab")
    assert desk.room.scores(TOPIC, "eve")[NOTEBOOK][SAY] == Score(None, 3.0, False, 4.0)
    page.locator(".glyphicon-eye-open").click()
    expect(page.locator("a.name-shown")).to_be_visible()

    # And if something had got through, the browser would not run it.
    page.evaluate(
        "text => document.getElementById('notebook').append("
        "document.createRange().createContextualFragment(text))",
        hostile.HTML["script"] + hostile.HTML["picture that fails"] + hostile.HTML["iframe"],
    )
    page.wait_for_timeout(300)
    assert watched.dialogs == []
    assert page.evaluate("window.ran") is None
    assert page.refused == []  # type: ignore[attr-defined]


def test_files_of_a_submission_have_no_rights(desk: Desk, watched: Watched) -> None:
    watched.page.goto(desk.lab.url("/api/status"))
    watched.page.goto(f"{desk.address}evil.html")
    expect(watched.page.get_by_text("A page of a student's")).to_be_visible()
    watched.nothing_ran()
    assert watched.page.evaluate("window.origin") == "null"


def test_no_link_makes_the_formgrader_run_a_configuration(desk: Desk, page: Page) -> None:
    sprung = desk.room.folder / "sprung"
    trap = f"{desk.lab.address}/formgrader/?path={desk.graded}"

    def status_of(response: Response | None) -> int:
        return response.status if response else 0

    page.goto(desk.lab.url("/api/status"))
    assert status_of(page.goto(trap)) == 403
    page.goto(desk.address)
    with page.context.expect_page() as opened:
        page.evaluate(FOLLOW, trap)
    expect(opened.value.get_by_text("you are not authorized")).to_be_visible()
    assert not sprung.exists()

    # JupyterLab's own frame may: it is how an instructor opens a course in another folder.
    other = desk.room.folder / "course" / "other"
    other.mkdir()
    shutil.copy(desk.room.course / "nbgrader_config.py", other)
    page.goto(f"{desk.lab.address}/lab")
    wait_for_lab(page)
    with page.expect_response(lambda r: "/formgrader/?path=" in r.url) as framed:
        page.evaluate(FRAME, f"{desk.lab.address}/formgrader/?path={other}")
    assert framed.value.status == 302
