"""Building: the same bytes each time and each way, no work twice, never half a release."""

import asyncio
import os
import shutil

import course as courses
import nbformat
import pytest
from course import ENTRY, TOPIC, make_course, run
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupytext.async_contentsmanager import build_async_jupytext_contents_manager_class

from curriculum import catalog
from curriculum.authoring import refuse, topics
from curriculum.authoring import source as src


def contents(folder):
    """Give every file below a folder: path → bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def times(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def edit(course, written, instead, name="2_build"):
    """Change a text source."""
    path = course / "source" / TOPIC / f"{name}.py"
    text = path.read_text()
    assert written in text
    path.write_text(text.replace(written, instead))


@pytest.fixture
def build(monkeypatch):
    """Give a function that builds a course without the seconds that a new Python costs."""
    load = catalog.load

    def build_here(course):
        small = load(course / "curriculum" / "catalog.toml")
        monkeypatch.setattr(catalog, "load", lambda: small)
        return [str(built) for built in topics.build([], course, small)]

    return build_here


@pytest.mark.slow
class TestBuild:
    def test_a_release_holds_the_exercise_and_not_its_solution(self, built):
        notebook = nbformat.read(built / "release" / TOPIC / "2_build.ipynb", 4)
        nbformat.validate(notebook)
        text = "\n".join(cell.source for cell in notebook.cells)
        assert "def double(x):" in text
        assert "raise NotImplementedError()" in text
        assert 'with check("two", points=1)' in text
        for secret in ("twice_the_number", 'check("three"', "squares", "x**2", "2 * x", "HIDDEN"):
            assert secret not in text
        said = (built / "release" / TOPIC / "4_say.ipynb").read_text()
        assert "Notes for the grader stay" in said
        for secret in ("whole model answer", "mentions overflow", "MARK SCHEME"):
            assert secret not in said

    def test_building_again_changes_no_byte_even_in_another_folder(self, built, build, tmp_path):
        before = contents(built / "release"), contents(built / "source")
        shutil.rmtree(built / ".build")
        (built / "gradebook.db").unlink()
        assert build(built) == [f"{TOPIC}: built, nothing changed"]
        assert (contents(built / "release"), contents(built / "source")) == before
        other = make_course(tmp_path / "a longer path" / "elsewhere")
        build(other)
        assert (contents(other / "release"), contents(other / "source")) == before

    def test_an_unchanged_topic_costs_nothing(self, built, build, monkeypatch):
        def forbidden(*_, **__):
            raise AssertionError("an unchanged topic was built")

        build(built)
        before = times(built)
        for step in ("_release", "write_source_notebooks"):
            monkeypatch.setattr(topics, step, forbidden)
        monkeypatch.setattr(refuse, "check_topic", forbidden)
        assert build(built) == [f"{TOPIC}: up to date"]
        assert times(built) == before

    @pytest.mark.parametrize(
        "change",
        ["a source", "the release", "a missing release", "an .ipynb", "the gradebook", "the way"],
    )
    def test_what_is_no_longer_as_built_is_built_again(self, built, build, change):
        fresh = contents(built / "release")
        build(built)  # by this process's package
        release = built / "release" / TOPIC / "2_build.ipynb"
        if change == "a source":
            edit(built, "Exercise 1", "Exercise one")
        elif change == "the release":
            release.write_text(release.read_text().replace("Exercise", "Exercices"))
        elif change == "a missing release":
            release.unlink()
        elif change == "an .ipynb":
            (built / "source" / TOPIC / "2_build.ipynb").write_text("{}")
        elif change == "the gradebook":
            (built / "gradebook.db").unlink()
        else:
            with (built / "nbgrader_config.py").open("a") as config:
                config.write("\n# a word\n")
        (said,) = build(built)
        assert "up to date" not in said
        if change != "a source":
            assert contents(built / "release") == fresh
        else:
            assert "Exercise one" in release.read_text()
            assert f"{TOPIC}: built, 2_build.ipynb" == said
        (again,) = build(built)
        assert again == f"{TOPIC}: up to date"

    def test_a_file_beside_the_notebooks_comes_and_goes(self, built, build):
        build(built)
        table, released = (built / place / TOPIC / "table.csv" for place in ("source", "release"))
        table.write_text("1,2\n")
        assert build(built) == [f"{TOPIC}: built, table.csv"]
        assert released.read_text() == "1,2\n"
        table.write_text("3,4\n")
        assert build(built) == [f"{TOPIC}: built, table.csv"]
        table.unlink()
        assert build(built) == [f"{TOPIC}: built, table.csv (removed)"]
        assert not released.exists()

    def test_a_refused_topic_leaves_everything_as_it_was(self, built):
        edit(built, '"points": 3', '"points": 4')
        before = contents(built)
        refused = run(built, "curriculum", "build", check=False)
        assert refused.returncode == 2
        assert refused.stderr == (
            f"curriculum: {TOPIC}/2_build.py, cell 5 (double_test): its checks add up to 3 points,"
            " its nbgrader metadata say 4.\n"
        )
        assert contents(built) == before

    def test_nbgrader_refuses_with_the_same_words(self, built):
        edit(built, '"points": 3', '"points": 4')
        refused = run(built, "nbgrader", "generate_assignment", TOPIC, "--force", check=False)
        assert refused.returncode != 0
        assert "cell 5 (double_test): its checks add up to 3 points" in refused.stderr

    def test_nbgrader_generates_the_same_bytes(self, built):
        fresh = contents(built / "release")
        shutil.rmtree(built / "release")
        (built / "gradebook.db").unlink()
        run(built, "nbgrader", "generate_assignment", TOPIC)
        assert contents(built / "release") == fresh

    def test_nbgrader_reads_the_text_and_not_an_older_notebook(self, built):
        edit(built, "Exercise 1", "Exercise one")
        run(built, "nbgrader", "generate_assignment", TOPIC, "--force")
        assert "Exercise one" in (built / "release" / TOPIC / "2_build.ipynb").read_text()

    def test_an_unknown_topic_is_answered_with_the_known_ones(self, built):
        refused = run(built, "curriculum", "build", "no_topic", check=False)
        assert refused.returncode == 2
        assert refused.stderr == (
            f"curriculum: There is no topic 'no_topic' in the catalogue. Topics: {TOPIC}.\n"
        )


@pytest.mark.slow
def test_a_new_topic_is_a_folder_a_module_and_an_entry(tmp_path):
    course = tmp_path / "course"
    for name in ("curriculum", "source"):
        shutil.copytree(courses.ROOT / name, course / name)
    shutil.copy(courses.ROOT / "nbgrader_config.py", course)
    courses.write_topic(course / "source")
    (course / "curriculum" / "widgets" / f"{TOPIC}.py").write_text(courses.WIDGETS)
    with (course / "curriculum" / "catalog.toml").open("a") as table:
        table.write(ENTRY)
    assert run(course, "curriculum", "build", TOPIC).stdout.startswith(f"{TOPIC}: built, 1_see")
    assert f"{TOPIC}/2_build: copied" in run(course, "curriculum", "prepare").stdout
    listed = run(course, "curriculum", "topics").stdout
    assert "A small topic" in listed
    assert (
        f'href="{TOPIC}/2_build.ipynb"'
        in nbformat.read(course / "work" / "start_here.ipynb", 4)
        .cells[0]
        .outputs[0]
        .data["text/html"]
    )


class Lab:
    """What JupyterLab with Jupytext reads and writes files with."""

    def __init__(self, folder):
        self._files = build_async_jupytext_contents_manager_class(AsyncLargeFileManager)()
        self._files.root_dir = str(folder)

    def open(self, path):
        return asyncio.run(self._files.get(path, type="notebook", content=True))

    def save(self, model, path):
        asyncio.run(self._files.save(model, path))


@pytest.fixture
def lab(tmp_path):
    courses.write_topic(tmp_path)
    return Lab(tmp_path)


TEXT, NOTEBOOK = f"{TOPIC}/2_build.py", f"{TOPIC}/2_build.ipynb"


class TestPairing:
    def test_the_text_opens_as_the_notebook_that_is_built_of_it(self, lab, tmp_path):
        opened = lab.open(TEXT)["content"]
        read = src.read_notebook(tmp_path / TEXT)
        assert [cell.source for cell in opened.cells] == [cell.source for cell in read.cells]
        assert [c.metadata.get("nbgrader") for c in opened.cells] == [
            c.metadata.get("nbgrader") for c in read.cells
        ]

    def test_saving_without_a_change_changes_no_line_of_the_cells(self, lab, tmp_path):
        before = (tmp_path / TEXT).read_text()
        lab.save(lab.open(TEXT), TEXT)
        after = (tmp_path / TEXT).read_text()
        assert _body(after) == _body(before)
        lab.save(lab.open(TEXT), TEXT)
        assert (tmp_path / TEXT).read_text() == after

    @pytest.mark.parametrize("opened", [TEXT, NOTEBOOK])
    def test_an_edit_reaches_text_and_notebook(self, lab, tmp_path, opened):
        lab.save(lab.open(TEXT), TEXT)  # makes the pair
        model = lab.open(opened)
        (cell,) = [c for c in model["content"].cells if "x + x\n" in c.source]
        cell.source = cell.source.replace("x + x\n", "x * 2\n")
        lab.save(model, opened)
        assert "x * 2\n" in (tmp_path / TEXT).read_text()
        written = nbformat.read(tmp_path / NOTEBOOK, 4)
        read = src.read_notebook(tmp_path / TEXT)
        assert [c.source for c in written.cells] == [c.source for c in read.cells]
        assert any("x * 2\n" in c.source for c in written.cells)

    def test_metadata_survive_both_ways(self, lab, tmp_path):
        before = [dict(c.metadata) for c in src.read_notebook(tmp_path / TEXT).cells]
        named = {key for metadata in before for key in metadata}
        assert {"nbgrader", "mistake", "alternative", "tags"} <= named
        for path in (TEXT, NOTEBOOK, TEXT):
            model = lab.open(path)
            model["content"].cells[0].source += "\nOne line more."
            lab.save(model, path)
        after = [dict(c.metadata) for c in src.read_notebook(tmp_path / TEXT).cells]
        assert after == before
        pair = nbformat.read(tmp_path / NOTEBOOK, 4)
        kept = zip(pair.cells, before, strict=True)
        assert all(cell.metadata[key] == was[key] for cell, was in kept for key in was)

    def test_an_edit_of_the_text_elsewhere_is_what_opens_next(self, lab, tmp_path):
        lab.save(lab.open(TEXT), TEXT)
        later = (tmp_path / NOTEBOOK).stat().st_mtime + 10
        path = tmp_path / TEXT
        path.write_text(path.read_text().replace("Exercise 1", "Exercise one"))
        os.utime(path, (later, later))
        for name in (TEXT, NOTEBOOK):
            opened = lab.open(name)["content"]
            assert any("Exercise one" in cell.source for cell in opened.cells)


def _body(text):
    """Give the text below its header, where Jupytext notes its own version."""
    return text.split("# ---\n", 2)[2]
