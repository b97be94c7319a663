"""A rehearsal plays every part of a notebook, and names what is graded wrongly."""

import nbclient
import pytest
from course import EXERCISE, notebook_text

from curriculum import cli
from curriculum.authoring import rehearse, source

pytestmark = pytest.mark.slow

# No lesson is begun: the notebook is of no topic in the catalogue.
FIRST_CELL = "\n# %%\nfrom curriculum import checks\n"
AFTERWARDS = "\n# %%\nassert double(5) == 10, 'what is left is not the solution'\n"

NEVER_MISTAKEN = "never mistaken"
SAYS_NOTHING = "says nothing"


def exercise(name, **changes):
    """Give the exercise under another name, with passages replaced."""
    text = EXERCISE.replace("double", name).replace("1 · Double", name)
    for written, instead in changes.values():
        assert written in text, written
        text = text.replace(written, instead)
    return text


FAULTY = (
    exercise("fine")
    + exercise("generous", test=("6,\n", "generous(3),\n"))
    + exercise("silent", mistake=("looks_like=9", "looks_like=8"))
    + exercise("narrow", alternative=("return 2 * x", "return 2.5 * x"))
    + exercise("gift", test=("checks.close(gift(2), 4,", "checks.close(4, 4,"))
    + exercise("wrong", solution=("= x + x", "= x + x + 1"))
    + exercise("loud", mistake=("    return x**2", "    raise ValueError('never')"))
)


def play(folder, body):
    folder.mkdir()
    path = folder / "2_build.py"
    text = notebook_text("2_build", FIRST_CELL + body)
    kept = [cell for cell in text.split("\n# %%") if "learner." not in cell]
    path.write_text("\n# %%".join(kept))
    return rehearse.rehearse(path, timeout=60)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return play(tmp_path_factory.mktemp("good") / "small_topic", EXERCISE + AFTERWARDS)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    return play(tmp_path_factory.mktemp("faulty") / "small_topic", FAULTY)


def test_a_good_notebook_is_without_fault(good):
    assert good.faults == []
    assert [(p.kind, p.name, p.points, p.max_points) for p in good.played] == [
        ("stub", "", 0, 3),
        ("mistake", "squares", 1, 3),
        ("alternative", "product", 3, 3),
        ("solution", "", 3, 3),
    ]


def test_the_stub_is_not_attempted_and_the_mistake_is_explained(good):
    stub, mistake, *_ = good.played
    assert stub.verdict["attempted"] is False
    assert mistake.verdict["attempted"] is True
    (failed,) = [check for check in mistake.verdict["checks"] if check["status"] == "failed"]
    assert failed["mistake"] == "squares"
    assert "Twice x is x + x" in failed["message"]


@pytest.mark.parametrize(
    ("start", "says"),
    [
        ("small_topic/2_build, generous, mistake 'squares'", "the mistake gets full points"),
        ("small_topic/2_build, silent, mistake 'squares'", "is not told by name; named: [None, "),
        ("small_topic/2_build, narrow, alternative 'product'", "gets 0 of 3 points: two: "),
        ("small_topic/2_build, gift, stub", "the untouched stub gets 1 of 3 points"),
        ("small_topic/2_build, wrong, solution", "gets 0 of 3 points: two: "),
        ("small_topic/2_build, loud, mistake 'squares'", "is not told by name"),
    ],
)
def test_a_fault_is_named(faulty, start, says):
    (fault,) = [line for line in faulty.faults if line.startswith(f"{start}: ")]
    assert says in fault


def test_what_is_graded_as_it_should_be_is_not_named(faulty):
    assert len(faulty.played) == 7 * 4
    at_fault = {part.exercise for part in faulty.played if part.fault}
    assert at_fault == {"generous", "silent", "narrow", "gift", "wrong", "loud"}
    assert len(faulty.faults) == 6


def test_the_command_prints_faults_and_fails(faulty, tmp_path, monkeypatch, capsys):
    (tmp_path / "nbgrader_config.py").touch()
    (tmp_path / "source").mkdir()
    monkeypatch.chdir(tmp_path)
    nothing = rehearse.Rehearsal(tmp_path, [], faulty.executed)
    monkeypatch.setattr(rehearse, "rehearse", lambda path: faulty)
    monkeypatch.setattr(rehearse, "rehearse_apart", lambda path: nothing)
    with pytest.raises(SystemExit) as stopped:
        cli.main(["rehearse", "small_topic", "--notebook", "2_build"])
    assert stopped.value.code == 2
    said = capsys.readouterr()
    assert said.out.startswith("small_topic/2_build: 28 parts, 6 at fault\n")
    assert all(fault in said.out for fault in faulty.faults)
    assert said.err == "curriculum: 6 parts are not graded as they should be.\n"


def test_a_refused_notebook_is_not_played(tmp_path):
    body = EXERCISE.replace('"points": 3', '"points": 4')
    with pytest.raises(source.SourceError, match="its checks add up to 3 points"):
        play(tmp_path / "small_topic", body)


def test_a_cell_of_prose_code_that_raises_stops_the_play(tmp_path):
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="ZeroDivisionError"):
        play(tmp_path / "small_topic", "\n# %%\n1 / 0\n")
