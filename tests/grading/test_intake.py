"""Whatever is handed in: the class goes on, and every point that can honestly be given is given."""

from __future__ import annotations

import copy
import json
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from ordinary_user import read_only
from small_class import FULL, TOPIC, SmallClass

from curriculum.grading import intake
from curriculum.grading.intake import Unreadable

NO_ONE = FULL | {"double_test": 0.0, "triple_test": 0.0}
NO_TWO = FULL | {"negate_test": 0.0}


def _cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def duplicate(notebook: NotebookNode) -> None:
    notebook.cells.append(copy.deepcopy(_cell(notebook, "triple_test")))


def delete_test(notebook: NotebookNode) -> None:
    notebook.cells.remove(_cell(notebook, "triple_test"))


def delete_both(notebook: NotebookNode) -> None:
    notebook.cells = [c for c in notebook.cells if "nbgrader" not in c.metadata]


def edit_test(notebook: NotebookNode) -> None:
    _cell(notebook, "triple_test").source = "3.0"


def more_points(notebook: NotebookNode) -> None:
    _cell(notebook, "triple_test").metadata.nbgrader.points = 300


def to_markdown(notebook: NotebookNode) -> None:
    cell = _cell(notebook, "triple_test")
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]


def skip_tests(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata.tags = ["skip-execution"]


def other_nbformat(number: object) -> Callable[[NotebookNode], str]:
    def change(notebook: NotebookNode) -> str:
        return json.dumps({**json.loads(nbformat.writes(notebook)), "nbformat": number})

    return change


def format_3(notebook: NotebookNode) -> str:
    return nbformat.writes(nbformat.convert(notebook, 3), version=3)


def no_metadata(notebook: NotebookNode) -> str:
    plain = json.loads(nbformat.writes(notebook))
    del plain["metadata"], plain["nbformat_minor"]
    for cell in plain["cells"]:
        if "nbgrader" not in cell["metadata"]:
            del cell["metadata"]
    return json.dumps(plain)


def strange_cells(notebook: NotebookNode) -> str:
    plain = json.loads(nbformat.writes(notebook))
    plain["cells"] += [
        17,
        {"cell_type": "heading", "source": "x", "metadata": {}},
        {"cell_type": "code", "metadata": None},
    ]
    return json.dumps(plain)


def twin_ids(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.id = "same"


def bad_ids(notebook: NotebookNode) -> str:
    plain = json.loads(nbformat.writes(notebook))
    plain["cells"][0]["id"] = "no id: spaces"
    plain["cells"][1]["id"] = 7
    return json.dumps(plain)


def half_a_character(notebook: NotebookNode) -> str:
    _cell(notebook, "triple").source += "# SMILE"
    return nbformat.writes(notebook).replace("SMILE", "\\ud83d")


def deep(notebook: NotebookNode) -> str:
    plain = nbformat.writes(notebook)
    return plain.replace('"metadata": {', '"metadata": {"deep": ' + "[" * 100_000, 1)


def nested(levels: int) -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        notebook.metadata["deep"] = json.loads("[" * levels + "]" * levels)

    return change


def odd_metadata(notebook: NotebookNode) -> None:
    cell = _cell(notebook, "triple_test")
    cell.metadata.nbgrader = {"grade_id": ["triple_test"], "points": "many", "locked": {}}
    cell.metadata.tags = None
    notebook.cells[0].metadata = {"nbgrader": 7, "tags": "all", "name": [], "collapsed": "x"}


def with_bom(notebook: NotebookNode) -> str:
    return "\ufeff" + nbformat.writes(notebook)


@dataclass(frozen=True)
class Case:
    """What happens to the notebook `one`, what it then earns, and what its row says."""

    change: Callable[[NotebookNode], str | None]
    verdict: str
    says: str = ""
    points: tuple[float, float] = (2, 3)


CASES = {
    "duplicated test": Case(duplicate, "mended", "triple_test was there 2 times; the last counts."),
    "deleted test": Case(delete_test, "mended", "triple_test was missing; it was put back."),
    "deleted everything": Case(delete_both, "mended", "double_test was missing", (0, 0)),
    "edited test": Case(edit_test, "mended", "triple_test was edited"),
    "more points": Case(more_points, "mended", "metadata of the cell triple_test was changed"),
    "test made Markdown": Case(to_markdown, "mended", "metadata of the cell triple_test"),
    "tests to be skipped": Case(skip_tests, "graded"),
    "format 3": Case(format_3, "mended", "old notebook format 3; it was brought up to date"),
    "says format 5": Case(other_nbformat(5), "mended", "says that it is in notebook format 5"),
    "says format 3": Case(other_nbformat(3), "mended", "says that it is in notebook format 3"),
    "says format x": Case(other_nbformat("x"), "mended", "notebook format x"),
    "metadata lost": Case(no_metadata, "graded"),
    "strange cells": Case(strange_cells, "mended", "a cell of no known kind"),
    "twin ids": Case(twin_ids, "graded"),
    "bad ids": Case(bad_ids, "graded"),
    "half a character": Case(half_a_character, "graded"),
    "a byte order mark": Case(with_bom, "graded"),
    "deep metadata": Case(deep, "red", "one.ipynb is nested too deeply.", (0, 0)),
    "300 levels": Case(nested(300), "red", "one.ipynb is nested too deeply.", (0, 0)),
    "50 levels": Case(nested(50), "graded"),
    "odd metadata": Case(odd_metadata, "mended", "triple_test was missing; it was put back."),
    "no JSON": Case(lambda n: nbformat.writes(n)[:300], "red", "is no valid JSON.", (0, 0)),
    "empty": Case(lambda n: "", "red", "one.ipynb is empty.", (0, 0)),
    "a list": Case(lambda n: "[1]", "red", "it has no list of cells", (0, 0)),
    "no cells": Case(lambda n: '{"nbformat": 4}', "red", "it has no list of cells", (0, 0)),
    "cells are text": Case(lambda n: '{"cells": "all"}', "red", "no list of cells", (0, 0)),
    "a long number": Case(lambda n: "9" * 10_000, "red", "is no valid JSON", (0, 0)),
    "format 1": Case(lambda n: '{"worksheets": [], "nbformat": 1}', "red", "format 1", (0, 0)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_strange_notebook_costs_nothing_but_itself(small: SmallClass, case: Case) -> None:
    small.hand_in("ada", one=small.changed("one", case.change))
    small.hand_in("zoe")
    rows = small.grade()
    assert rows["zoe"].verdict == "graded"
    assert small.points("zoe") == FULL
    said = " ".join(note.text for note in rows["ada"].notes)
    assert (rows["ada"].verdict, case.says in said) == (case.verdict, True), said
    double, triple = case.points
    assert small.points("ada") == FULL | {"double_test": double, "triple_test": triple}
    for path in small.autograded("ada").glob("*.ipynb"):
        nbformat.validate(nbformat.read(path, 4))


def test_an_unreadable_notebook_leaves_its_reason_for_the_student(small: SmallClass) -> None:
    small.hand_in("ada", one="no JSON")
    small.grade()
    (cell,) = nbformat.read(small.autograded("ada") / "one.ipynb", 4).cells
    assert "earns no points. one.ipynb is no valid JSON." in cell.source
    with small.gradebook() as book:
        comment = book.find_comment("double", "one", TOPIC, "ada").comment
    assert comment == "one.ipynb is no valid JSON."


def test_a_missing_notebook_earns_nothing_and_is_said(small: SmallClass) -> None:
    small.hand_in("ada", one=None)
    row = small.grade()["ada"]
    assert row.verdict == "red"
    assert [note.text for note in row.notes] == ["one.ipynb was not handed in. It earns no points."]
    assert small.points("ada") == NO_ONE
    assert not small.scores("ada")["double_test"].needs_a_person
    assert not (small.autograded("ada") / "one.ipynb").exists()


def test_a_red_row_stays_red_until_it_changes(small: SmallClass) -> None:
    small.hand_in("ada", one=None)
    small.grade()
    again = small.grade()["ada"]
    assert (again.verdict, again.points) == ("red", None)
    small.hand_in("ada")
    assert small.grade()["ada"].verdict == "graded"
    assert small.points("ada") == FULL
    with small.gradebook() as book:
        assert book.find_comment("double", "one", TOPIC, "ada").comment is None


def test_a_notebook_too_many_is_noted(small: SmallClass) -> None:
    folder = small.hand_in("ada")
    (folder / "two-Copy1.ipynb").write_text("anything")
    row = small.grade()["ada"]
    assert row.verdict == "mended"
    assert [note.text for note in row.notes] == ["two-Copy1.ipynb is no notebook of the topic."]
    assert small.points("ada") == FULL


def test_an_empty_submission(small: SmallClass) -> None:
    small.submitted("ada").mkdir(parents=True)
    row = small.grade()["ada"]
    assert row.verdict == "red"
    assert len(row.notes) == 3
    assert set(small.points("ada").values()) == {0.0}


def test_links_are_never_followed(small: SmallClass, tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere"
    secret.mkdir()
    (secret / "key.txt").write_text("the secret")
    small.hand_in("ben")
    folder = small.hand_in("ada", {"double": "print(sorted(FILES))"}, two=None)
    (folder / "gradebook.db").symlink_to(small.root / "gradebook.db")
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "folder").symlink_to(secret)
    (folder / "two.ipynb").symlink_to(small.submitted("ben") / "two.ipynb")
    (folder / "timestamp.txt").symlink_to(secret / "key.txt")
    row = small.grade()["ada"]
    assert row.verdict == "red"
    said = [note.text for note in row.notes]
    for name in ("gradebook.db", "passwd", "folder", "two.ipynb", "timestamp.txt"):
        assert f"{name} is a link; it was left out." in said
    assert small.points("ada")["negate_test"] == 0
    graded = small.autograded("ada")
    assert sorted(path.name for path in graded.iterdir()) == ["one.ipynb", "say.ipynb"]
    output = nbformat.read(graded / "one.ipynb", 4).cells[1].outputs[0].text
    assert output == "['one.ipynb', 'say.ipynb']\n"


def test_a_submission_that_is_a_link_is_refused(small: SmallClass) -> None:
    small.hand_in("ben")
    small.submitted("ada").parent.mkdir()
    small.submitted("ada").symlink_to(small.submitted("ben"))
    small.submitted("cleo").parent.symlink_to(small.submitted("ben").parent)
    rows = small.grade()
    assert small.points("ben") == FULL
    for name in ("ada", "cleo"):
        assert rows[name].verdict == "red"
        assert "The folder is a link." in [note.text for note in rows[name].notes]
        assert set(small.points(name).values()) == {0.0}


def test_pipes_and_sockets_are_not_waited_for(small: SmallClass, tmp_path: Path) -> None:
    folder = small.hand_in("ada", two=None)
    os.mkfifo(folder / "two.ipynb")
    os.mkfifo(folder / "data.txt")
    with socket.socket(socket.AF_UNIX) as one:
        here = os.open(folder, os.O_RDONLY)
        one.bind(f"/proc/self/fd/{here}/socket")
        os.close(here)
        row = small.grade()["ada"]
    said = [note.text for note in row.notes]
    assert "two.ipynb is a pipe; it was left out." in said
    assert "data.txt is a pipe; it was left out." in said
    assert "socket is a socket; it was left out." in said
    assert small.points("ada") == NO_TWO


def test_a_file_that_becomes_a_pipe_after_it_was_looked_at(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "late")
    with pytest.raises(Unreadable, match="is a pipe"):
        intake.read_bytes(tmp_path / "late", 10)


def test_devices_are_left_out() -> None:
    with pytest.raises(Unreadable, match="is a device"):
        intake.read_bytes(Path("/dev/zero"), 10)


def test_large_outputs_do_not_cost_a_grade(small: SmallClass) -> None:
    def print_a_lot(notebook: NotebookNode) -> None:
        text = "x" * (intake.PLAIN_MB * intake.MEGABYTE)
        notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text=text)]

    small.hand_in("ada", one=small.changed("one", print_a_lot))
    row = small.grade()["ada"]
    assert (row.verdict, row.notes) == ("graded", ())
    assert small.points("ada") == FULL


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" * 6_000_000, "one.ipynb is nested too deeply."),
        ("9" * 6_000_000, "one.ipynb is no valid JSON."),
        (
            json.dumps(
                {
                    "nbformat": 4,
                    "nbformat_minor": 5,
                    "metadata": {},
                    "cells": [
                        {"cell_type": "raw", "id": "a", "metadata": {}, "source": "x" * 6**9}
                    ],
                }
            ),
            "one.ipynb has more than 5 MB even without outputs.",
        ),
    ],
    ids=["deep", "number", "text"],
)
def test_large_rubbish_is_set_aside(small: SmallClass, text: str, says: str) -> None:
    small.hand_in("ada", one=text)
    row = small.grade()["ada"]
    assert says + " It earns no points." in [note.text for note in row.notes]
    assert small.points("ada") == NO_ONE


def test_what_would_fill_the_memory_is_set_aside(
    small: SmallClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = '{"cells": [' + "[]," * 40_000_000 + "[]]}"  # 120 MB that would become 3 GB
    small.hand_in("ada", one=many)
    row = small.grade()["ada"]
    assert "one.ipynb is too large to read." in row.notes[0].text
    assert small.points("ada") == NO_ONE


def test_the_largest_notebooks_are_not_read_at_all(small: SmallClass) -> None:
    folder = small.hand_in("ada")
    with (folder / "one.ipynb").open("ab") as file:
        file.truncate((intake.LARGEST_NOTEBOOK_MB + 1) * intake.MEGABYTE)
    row = small.grade()["ada"]
    assert "one.ipynb is larger than 200 MB." in row.notes[0].text


def test_more_files_than_may_lie_beside_a_notebook(small: SmallClass) -> None:
    with (small.root / "nbgrader_config.py").open("a") as config:
        config.write("\nc.CourseDirectory.max_dir_size = 50\n")
    small.hand_in("ada", **{"a.txt": "a" * 10_000, "b.txt": "b" * 60_000})
    row = small.grade()["ada"]
    assert row.verdict == "red"
    assert "b.txt is larger than" in row.notes[0].text
    assert small.points("ada") == FULL
    assert not (small.autograded("ada") / "b.txt").exists()


def test_a_file_that_may_not_be_read(small: SmallClass, tmp_path: Path) -> None:
    folder = small.hand_in("ada", **{"notes.txt": "x"})
    for name in ("notes.txt", "two.ipynb"):
        (folder / name).chmod(0)
    (tmp_path / "other").mkdir()
    with read_only(tmp_path / "other"):  # without root's right to read everything
        row = small.grade()["ada"]
    said = [note.text for note in row.notes]
    assert "notes.txt can't be read (permission denied)." in said
    assert small.points("ada") == NO_TWO


@pytest.mark.parametrize(
    "name",
    ["a b", "ünïcödé", "quote'\"s", "per%cent", "br{ace}s", "[glob]*", "-dash", "new\nline", "a+b"],
)
def test_odd_names_are_names(small: SmallClass, name: str) -> None:
    small.hand_in(name)
    assert small.grade()[name].verdict == "graded"
    assert small.points(name) == FULL
    assert small.grade(name)[name].verdict == "unchanged"


def test_a_name_that_is_no_text_is_one_red_row(small: SmallClass) -> None:
    name = os.fsdecode(b"bad\xff")
    small.hand_in(name)
    small.hand_in("zoe")
    rows = small.grade()
    assert rows["zoe"].verdict == "graded"
    assert rows[name].verdict == "red"
    assert "could not be" in rows[name].notes[0].text


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("2026-01-01 10:00:00 UTC", "graded"), ("", "graded"), ("soon", "red"), ("\0\x01", "red")],
)
def test_timestamps(small: SmallClass, text: str, verdict: str) -> None:
    small.hand_in("ada", **{"timestamp.txt": text})
    assert small.grade()["ada"].verdict == verdict
    assert small.points("ada") == FULL


def test_a_folder_with_too_much_in_it(small: SmallClass) -> None:
    folder = small.hand_in("ada")
    many = folder / "many"
    many.mkdir()
    for number in range(intake.MOST_FILES + 1):
        (many / str(number)).touch()
    deep = folder / "/".join(["d"] * (intake.DEEPEST + 2))
    deep.mkdir(parents=True)
    (deep / "x").touch()
    row = small.grade()["ada"]
    assert row.verdict == "red"
    assert len([note for note in row.notes if "holds too much to look at" in note.text]) == 2
    assert small.points("ada") == FULL


def test_a_path_that_is_too_long_for_the_system(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").touch()
    inner = os.open(tmp_path, os.O_RDONLY)
    for _ in range(intake.DEEPEST - 1):
        os.mkdir("x" * 250, dir_fd=inner)
        deeper = os.open("x" * 250, os.O_RDONLY, dir_fd=inner)
        os.close(inner)
        inner = deeper
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=inner))
    os.close(inner)
    handed = intake.look("ada", tmp_path)
    assert list(handed.files) == ["kept.txt"]
    (note,) = handed.notes
    assert note.bad
    assert "file name too long" in note.text
