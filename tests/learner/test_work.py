"""A learner's copies: new versions come, and nothing that the learner wrote is ever lost."""

import errno
from itertools import chain

import nbformat
import pytest
from course import TOPIC
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lessons import STUB, TO_SAY, answer, code, lesson, locked_test, notebook, prose, spoken
from ordinary_user import read_only

from curriculum import files
from curriculum.learner import work
from curriculum.learner.work import Copy, WorkError

MINE = "def double(x):\n    return x + x  # my own words"
NEW_TITLE = "# A small topic, told better"


@pytest.fixture
def copy(room):
    return Copy(TOPIC, "2_build", room.work, room.release)


def prepare(room):
    return work.prepare(room.work, room.release)


def read(path):
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    return notebook


def sources(path):
    return [cell.source for cell in read(path).cells]


def write(path, *changes, add=()):
    """Write in a notebook as a learner does: other text in its cells, and cells of one's own."""
    there = read(path)
    for text, instead in changes:
        (cell,) = [cell for cell in there.cells if cell.source == text]
        cell.source = instead
    there.cells += add
    nbformat.write(there, path)


def everything(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_released_notebook_is_copied_once(room, copy):
    (room.release / TOPIC / "4_say.ipynb").unlink()
    assert prepare(room) == [f"{TOPIC}/{name}: copied" for name in ("1_see", "2_build", "3_use")]
    assert copy.mine.read_bytes() == copy.current.read_bytes()
    before = everything(room.work)
    assert prepare(room) == []
    assert everything(room.work) == before


def test_without_an_update_what_is_written_stays(room, copy):
    prepare(room)
    write(copy.mine, (STUB, MINE))
    before = everything(room.work)
    assert prepare(room) == []
    assert everything(room.work) == before


def test_a_copy_that_nobody_wrote_in_becomes_the_new_version(room, copy):
    prepare(room)
    run = read(copy.mine)
    run.cells[2].outputs = [nbformat.v4.new_output("stream", text="run, and not written in")]
    nbformat.write(run, copy.mine)
    former = copy.mine.read_bytes()
    room.publish(lesson(NEW_TITLE))
    assert prepare(room) == [f"{TOPIC}/2_build: new version (you had not written in it)"]
    assert copy.mine.read_bytes() == copy.current.read_bytes()
    assert former in everything(room.work).values(), "the outputs are gone"
    assert prepare(room) == []


def offer(room, copy, version=None):
    """Let the learner write an answer, then release another version."""
    prepare(room)
    write(copy.mine, (STUB, MINE))
    room.publish(version or lesson(NEW_TITLE))
    return prepare(room)


def test_where_something_is_written_the_new_version_is_offered_beside(room, copy):
    prepare(room)
    write(copy.mine, (STUB, MINE), (TO_SAY, "I would say this."), add=[code("x = 3")])
    before = copy.mine.read_bytes()
    room.publish(lesson(NEW_TITLE))
    assert prepare(room) == [f"{TOPIC}/2_build: a new version is offered beside yours"]
    assert copy.mine.read_bytes() == before
    offered = sources(copy.offered)
    assert offered[:4] == [NEW_TITLE, MINE, "check.report()", "I would say this."]
    assert offered[-1] == "x = 3"
    assert prepare(room) == [], "it was offered already"


def test_what_changed_is_said_in_words(room, copy):
    version = notebook(
        prose("# A small topic"),
        prose("New: an example.\n\n```python\ndouble(1)\n```"),
        answer(),
        locked_test("check.report()  # better"),
        spoken(),
    )
    offer(room, copy, version)
    said = copy.changes.read_text()
    assert "## New, under “A small topic”" in said
    assert "+New: an example." in said
    assert "-check.report()\n+check.report()  # better" in said
    assert MINE not in said


def test_lines_that_look_like_a_diff_are_not_lost_in_what_changed():
    old, new = (notebook(prose(f"# Title\n\n{mark}\n\n```\nx\n```")) for mark in ("---", "++i"))
    said = work.describe_changes(old, new)
    assert "\n----\n" in said
    assert "\n+++i\n" in said
    outside = said.split("``````")
    assert len(outside) == 3, "a fence of the lesson ended the diff"


def test_take_puts_the_new_version_in_place_and_keeps_the_former_one(room, copy):
    offer(room, copy)
    written = copy.mine.read_bytes()
    former = work.take(copy)
    assert former.read_bytes() == written
    assert former.parent == room.folder
    assert sources(copy.mine) == [NEW_TITLE, MINE, "check.report()", TO_SAY]
    beside = {path.name for path in room.folder.glob("*2_build*")}
    assert beside == {"2_build.ipynb", former.name}
    before = everything(room.work)
    assert prepare(room) == []
    assert everything(room.work) == before


def test_nothing_is_taken_twice(room, copy):
    offer(room, copy)
    work.take(copy)
    before = everything(room.work)
    with pytest.raises(WorkError, match=f"No new version of {TOPIC}/2_build is waiting"):
        work.take(copy)
    assert everything(room.work) == before


def test_take_carries_what_was_written_after_the_offer(room, copy):
    offer(room, copy)
    write(copy.mine, (MINE, MINE + "\n# and more"))
    work.take(copy)
    assert MINE + "\n# and more" in sources(copy.mine)


def test_what_is_written_in_the_offer_itself_stays_beside(room, copy):
    offer(room, copy)
    write(copy.offered, add=[code("y = 'written in the wrong notebook'")])
    work.take(copy)
    visible = [path for path in room.folder.glob("*.ipynb") if "wrong notebook" in path.read_text()]
    assert len(visible) == 1


def test_a_second_update_while_one_waits_replaces_the_offer(room, copy):
    offer(room, copy)
    mine = copy.mine.read_bytes()
    room.publish(lesson("# Third"))
    assert prepare(room) == [f"{TOPIC}/2_build: a new version is offered beside yours"]
    assert copy.mine.read_bytes() == mine
    assert sources(copy.offered) == ["# Third", MINE, "check.report()", TO_SAY]
    assert len(list(room.folder.glob("*2_build*.ipynb"))) == 2, "the former offer is in the way"
    work.take(copy)
    assert sources(copy.mine)[:2] == ["# Third", MINE]


def test_an_offer_that_was_deleted_comes_again(room, copy):
    offer(room, copy)
    copy.offered.unlink()
    assert prepare(room) == [f"{TOPIC}/2_build: a new version is offered beside yours"]


def test_no_update_of_the_same_day_overwrites_a_former_copy(room, copy):
    offer(room, copy)
    kept = [copy.mine.read_bytes()]
    work.take(copy)
    for number in range(3):
        room.publish(lesson(f"# Version {number}"))
        prepare(room)
        kept.append(copy.mine.read_bytes())
        work.take(copy)
    there = list(everything(room.folder).values())
    assert all(version in there for version in kept)
    assert len(set(kept)) == 4


def test_the_heading_over_cells_of_ones_own_is_not_repeated(room, copy):
    prepare(room)
    write(copy.mine, add=[code("x = 3")])
    for number in range(2):
        room.publish(lesson(f"# Version {number}"))
        prepare(room)
        work.take(copy)
    assert sources(copy.mine)[4:] == ["## From your former copy", "x = 3"]


def test_an_answer_whose_exercise_is_gone_is_kept_as_what_it_was(room, copy):
    prepare(room)
    write(copy.mine, (STUB, MINE), (TO_SAY, "I would say this."))
    room.publish(notebook(prose(NEW_TITLE)))
    prepare(room)
    work.take(copy)
    cells = read(copy.mine).cells[2:]
    assert [(cell.cell_type, cell.source) for cell in cells] == [
        ("code", MINE),
        ("markdown", "I would say this."),
    ]
    assert not any("nbgrader" in cell.metadata for cell in cells)


def test_of_a_copied_answer_cell_the_last_counts_and_both_are_kept(room, copy):
    offer(room, copy)
    write(copy.mine, add=[answer("def double(x):\n    return 2 * x")])
    work.take(copy)
    cells = read(copy.mine).cells
    answers = [cell for cell in cells if nbgrader(cell).get("solution")]
    assert answers[0].source == "def double(x):\n    return 2 * x"
    assert MINE in [cell.source for cell in cells]


HEAD = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": '
DAMAGED = {
    "empty": "",
    "no JSON": "<<<<<<< HEAD\n{}",
    "no notebook": '{"a": 1}',
    "a list": "[]",
    "no cells": HEAD + "3}",
    "cells of nothing": HEAD + "[3]}",
    "no text": HEAD + '[{"cell_type": "code"}]}',
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_notebook_is_left_alone_and_said(room, copy, content):
    prepare(room)
    copy.mine.write_text(content)
    room.publish(lesson(NEW_TITLE), lesson(NEW_TITLE))
    assert prepare(room) == [
        f"{TOPIC}/1_see: new version (you had not written in it)",
        f"{copy.mine} can't be read as a notebook and was left alone.",
    ]
    assert copy.mine.read_text() == content


def test_a_notebook_damaged_after_the_offer_is_not_replaced(room, copy):
    offer(room, copy)
    copy.mine.write_text("{")
    before = everything(room.work)
    with pytest.raises(WorkError, match="mend it or move it away first"):
        work.take(copy)
    assert everything(room.work) == before


def test_a_read_only_folder_is_one_sentence(room, copy):
    prepare(room)
    room.publish(lesson(NEW_TITLE))
    before = everything(room.work)
    with read_only(room.work), pytest.raises(files.WriteError, match="make the folder writable"):
        prepare(room)
    assert everything(room.work) == before


def test_a_folder_that_cannot_be_made_is_one_sentence(room, tmp_path):
    (tmp_path / "locked").mkdir()
    with (
        read_only(tmp_path / "locked"),
        pytest.raises(files.WriteError, match=r"Permission denied\. Make it writable"),
    ):
        work.prepare(tmp_path / "locked" / "work", room.release)


def test_a_jupyter_folder_that_cannot_be_written_stops_nothing(room, copy, tmp_path):
    (tmp_path / "jupyter").mkdir()
    with read_only(tmp_path / "jupyter"):
        assert len(prepare(room)) == 4
    assert copy.base.exists()


class Disk:
    """A disk that is full from a given write on."""

    def __init__(self, monkeypatch):
        self._write = files.write_bytes
        self.room_for = 10**9
        monkeypatch.setattr(files, "write_bytes", self.write)

    def write(self, path, content):
        if not self.room_for:
            raise files.WriteError(errno.ENOSPC, f"Could not write {path}: the disk is full")
        self.room_for -= 1
        self._write(path, content)


@pytest.mark.parametrize("written_in", [True, False])
@pytest.mark.parametrize("room_for", range(8))
def test_a_disk_that_fills_at_any_moment_costs_nothing(
    room, copy, monkeypatch, room_for, written_in
):
    def update():
        prepare(room)
        if copy.is_offered:
            work.take(copy)

    prepare(room)
    if written_in:
        write(copy.mine, (STUB, MINE), add=[code("x = 3")])
    room.publish(lesson(NEW_TITLE))
    disk = Disk(monkeypatch)
    disk.room_for = room_for
    try:
        update()
    except files.WriteError:
        assert sources(copy.mine)[0] in ("# A small topic", NEW_TITLE)
        if written_in:
            assert {MINE, "x = 3"} <= set(sources(copy.mine))
    else:
        assert room_for >= (6 if written_in else 3), "nothing was tested"
    disk.room_for = 10**9
    update()
    assert sources(copy.mine)[0] == NEW_TITLE
    if written_in:
        assert {MINE, "x = 3"} <= set(sources(copy.mine))
    update()
    assert not copy.is_offered


text = st.text(max_size=8)
own_cell = st.builds(lambda make, words: make(words), st.sampled_from([code, prose]), text)


@st.composite
def learners_copy(draw, base):
    """Give a copy as a learner may leave it: written in, cells added, doubled, moved, deleted."""
    cells = [nbformat.from_dict(cell) for cell in base.cells]
    for cell in cells:
        if nbgrader(cell).get("solution") and draw(st.booleans()):
            cell.source = draw(text)
    cells += draw(st.lists(own_cell, max_size=3))
    cells += [
        nbformat.from_dict(cell) for cell in draw(st.lists(st.sampled_from(cells), max_size=2))
    ]
    for cell in cells[len(base.cells) :]:
        if draw(st.booleans()):
            cell.source = draw(text)
    kept = [cell for cell in draw(st.permutations(cells)) if draw(st.integers(0, 9))]
    return notebook(*kept)


def version(names):
    """Give a version of the lesson with these exercises."""
    exercises = [(answer(grade_id=name), locked_test(grade_id=f"{name}_test")) for name in names]
    return notebook(prose("# Title"), *chain(*exercises), spoken())


def nbgrader(cell):
    return cell.metadata.get("nbgrader", {})


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=150,
)
@given(st.data())
def test_whatever_the_learner_wrote_is_in_the_new_version(data):
    exercises = st.lists(st.sampled_from("abc"), unique=True)
    base, new = version(data.draw(exercises)), version(data.draw(exercises))
    mine = data.draw(learners_copy(base))
    merged = work.carry_over(mine, base, nbformat.from_dict(new))
    nbformat.validate(merged)
    there = {cell.source for cell in [*merged.cells, *base.cells]}
    assert all(cell.source in there for cell in mine.cells if not nbgrader(cell).get("locked"))
    # It is the new lesson, cell for cell, apart from the answers; what else there was comes last.
    for merged_cell, new_cell in zip(merged.cells, new.cells, strict=False):
        assert merged_cell.metadata == new_cell.metadata
        assert merged_cell.source == new_cell.source or nbgrader(new_cell).get("solution")
    assert not any(nbgrader(cell) for cell in merged.cells[len(new.cells) :])
