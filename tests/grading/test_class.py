"""A class: nbgrader's own commands carry a topic to students and back, and every score is right."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import classroom
import course as courses
import nbformat
import pytest
from classroom import Room, Score, Student
from nbformat import NotebookNode

from curriculum import catalog
from curriculum.authoring import source as src
from curriculum.authoring.rehearse import verdict

pytestmark = pytest.mark.slow

TOPIC = courses.TOPIC
NOTEBOOKS = ("1_see", "2_build", "3_use", "4_say")
SAY = "explain_step"

MEAN_SQUARE = "def mean_square(x):\n    return float(np.mean(np.asarray(x) ** 2))\n"
STEP = "def step(w, gradient, learning_rate):\n    return w - learning_rate * gradient\n"
COUNT = "def count_above(x, threshold):\n    return int(np.sum(np.asarray(x) > threshold))\n"
RIGHT = {"mean_square": MEAN_SQUARE, "step": STEP, "count_above": COUNT}

PARTLY = {"mean_square": MEAN_SQUARE, "step": STEP.replace("w -", "w +")}
"""One exercise right, one with a named mistake, one not attempted."""

WRONG = {
    "mean_square": "def mean_square(x):\n    return None\n",
    "step": "def step(w, gradient, learning_rate):\n    raise ValueError('no idea')\n",
    "count_above": "def count_above(x, threshold):\n    return -1\n",
}


@dataclass(frozen=True)
class Class:
    """A topic that has been handed out, handed in, graded and handed back."""

    room: Room
    students: dict[str, Student]
    listed: str
    graded: str


@pytest.fixture(scope="module")
def klass(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """Carry the small topic through every command, for four students."""
    folder = tmp_path_factory.mktemp("class")
    bodies = {"2_build": classroom.BUILD, "4_say": classroom.SAY}
    room = Room(folder, courses.make_course(folder / "course", **bodies))
    courses.run(room.course, "curriculum", "build")
    students = hand_out(room, TOPIC, "ada", "ben", "cleo", "dan")
    for name, answers in {"ada": RIGHT, "ben": PARTLY, "cleo": WRONG}.items():
        students[name].write(TOPIC, "2_build", answers)
        students[name].write(TOPIC, "4_say", {SAY: f"Downhill, says {name}."})
    listed = hand_in(room, TOPIC, students)
    graded = room.nbgrader("autograde", TOPIC)
    room.grade_by_hand(TOPIC, "ben", "4_say", SAY, 2.5, "What does the learning rate do?")
    hand_back(room, TOPIC, students)
    return Class(room, students, listed, graded.stdout + graded.stderr)


def hand_out(room: Room, topic: str, *names: str) -> dict[str, Student]:
    """Release a topic; each student fetches it."""
    room.nbgrader("generate_assignment", topic, "--force")
    room.nbgrader("release_assignment", topic)
    students = {name: room.student(name) for name in names}
    for student in students.values():
        student.nbgrader("fetch_assignment", topic)
    return students


def hand_in(room: Room, topic: str, students: dict[str, Student]) -> str:
    """Let each student submit; collect. Gives what the instructor saw arriving."""
    for student in students.values():
        student.nbgrader("submit", topic)
    listed = room.nbgrader("list", "--inbound")
    room.nbgrader("collect", topic)
    return listed.stdout + listed.stderr


def hand_back(room: Room, topic: str, students: dict[str, Student]) -> None:
    """Write the feedback and release it; each student fetches it."""
    room.nbgrader("generate_feedback", topic)
    room.nbgrader("release_feedback", topic)
    for student in students.values():
        student.nbgrader("fetch_feedback", topic)


def test_students_fetch_the_release_and_nothing_else(klass: Class) -> None:
    released = klass.room.course / "release" / TOPIC
    outbound = klass.room.exchange / "ml_interviews" / "outbound" / TOPIC
    assert sorted(path.name for path in outbound.rglob("*")) == [f"{n}.ipynb" for n in NOTEBOOKS]
    for path in outbound.iterdir():
        assert path.read_bytes() == (released / path.name).read_bytes()
    fetched = klass.students["dan"].folder / TOPIC
    for name in NOTEBOOKS:
        assert (fetched / f"{name}.ipynb").read_bytes() == (released / f"{name}.ipynb").read_bytes()


def test_the_instructor_sees_who_has_submitted(klass: Class) -> None:
    assert [name for name in klass.students if f"ml_interviews {name} {TOPIC}" in klass.listed] == [
        *klass.students
    ]


@pytest.mark.parametrize(
    ("student", "mean_square", "step", "count_above"),
    [
        ("ada", 3.0, 4.0, 2.0),
        ("ben", 3.0, 2.0, 0.0),
        ("cleo", 0.0, 0.0, 0.0),
        ("dan", 0.0, 0.0, 0.0),
    ],
)
def test_every_exercise_earns_exactly_its_points(
    klass: Class, student: str, mean_square: float, step: float, count_above: float
) -> None:
    scores = klass.room.scores(TOPIC, student)
    assert scores["2_build"] == {
        "mean_square_test": Score(mean_square, None, False, 3.0),
        "step_test": Score(step, None, False, 4.0),
        "count_above_test": Score(count_above, None, False, 2.0),
    }
    assert scores["1_see"] == scores["3_use"] == {}


def test_written_answers_wait_for_a_person_and_blank_ones_do_not(klass: Class) -> None:
    waiting = Score(None, None, True, 4.0)
    said = {name: klass.room.scores(TOPIC, name)["4_say"][SAY] for name in klass.students}
    assert said == {
        "ada": waiting,
        "ben": Score(None, 2.5, False, 4.0),
        "cleo": waiting,
        "dan": Score(0.0, None, False, 4.0),
    }


def test_the_gradebook_adds_up(klass: Class) -> None:
    with klass.room.gradebook() as book:
        totals = {s.student.id: s.score for s in book.find_assignment(TOPIC).submissions}
    assert totals == {"ada": 9.0, "ben": 7.5, "cleo": 0.0, "dan": 0.0}


def test_the_grader_has_the_notes_beside_the_answer(klass: Class) -> None:
    cells = klass.room.autograded(TOPIC, "ada", "4_say").cells
    answer = next(i for i, cell in enumerate(cells) if src.grading(cell).get("grade_id") == SAY)
    assert "says that the gradient points uphill" in cells[answer - 1].source
    assert classroom.GRADER_NOTE in cells[answer + 1].source


def test_feedback_of_a_right_answer(klass: Class) -> None:
    text = klass.students["ada"].feedback(TOPIC, "2_build")
    assert "(Score: 9.0 / 9.0)" in text
    assert "step: 4 of 4 points" in text
    assert "✓ passed the step goes downhill" in text
    assert "failed" not in text
    assert "Not attempted" not in text


def test_feedback_of_a_named_mistake(klass: Class) -> None:
    text = klass.students["ben"].feedback(TOPIC, "2_build")
    assert "(Score: 5.0 / 9.0)" in text
    assert "step: 2 of 4 points" in text
    assert "✗ failed the step goes downhill" in text
    assert "Input w = [1, 2], gradient = [10, -10], η = 0.1 Expected [0. 3.]" in text
    assert "Got [2. 1.]" in text
    assert "wrong sign : The gradient points uphill." in text
    # Only the mistake that was made is named.
    assert "Scale it by η" not in text
    assert "Not attempted yet: count_above" in text


def test_feedback_tells_wrong_from_not_attempted(klass: Class) -> None:
    wrong = klass.students["cleo"].feedback(TOPIC, "2_build")
    untouched = klass.students["dan"].feedback(TOPIC, "2_build")
    assert "(Score: 0.0 / 9.0)" in wrong and "(Score: 0.0 / 9.0)" in untouched
    assert "Not attempted" not in wrong
    assert "ValueError: no idea" in wrong
    assert "The result is -1; expected 1." in wrong
    for exercise in RIGHT:
        assert f"Not attempted yet: {exercise}." in untouched
    assert "failed" not in untouched


@pytest.mark.parametrize("student", ["ada", "ben", "cleo", "dan"])
def test_feedback_shows_no_traceback_and_keeps_the_instructors_secrets(
    klass: Class, student: str
) -> None:
    text = " ".join(klass.students[student].feedback(TOPIC, name) for name in NOTEBOOKS)
    assert "Traceback" not in text
    assert classroom.GRADER_NOTE not in text
    assert "HIDDEN TESTS" not in text
    assert "checks.Mistake" not in text
    assert "MARK SCHEME" not in text


def test_feedback_holds_the_points_and_words_of_a_person(klass: Class) -> None:
    text = klass.students["ben"].feedback(TOPIC, "4_say")
    assert "Score: 2.5 / 4.0" in text
    assert "What does the learning rate do?" in text
    assert "No response." in klass.students["dan"].feedback(TOPIC, "4_say")


def test_handing_in_again_is_graded_again(klass: Class) -> None:
    """The last test of the class, for it changes what ben has."""
    ben = klass.students["ben"]
    ben.write(TOPIC, "2_build", {"step": STEP, "count_above": COUNT})
    ben.nbgrader("submit", TOPIC)
    klass.room.nbgrader("collect", TOPIC, "--update", "--student=ben")
    klass.room.nbgrader("autograde", TOPIC, "--student=ben")
    assert list(klass.room.points(TOPIC, "ben", "2_build").values()) == [3.0, 4.0, 2.0]
    # The answer in words has been judged; a person looks whether that still holds.
    said = klass.room.scores(TOPIC, "ben")["4_say"][SAY]
    assert said == Score(None, 2.5, True, 4.0)


# What students do to notebooks.


def cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(c for c in notebook.cells if src.grading(c).get("grade_id") == grade_id)


def delete(notebook: NotebookNode, *grade_ids: str) -> None:
    notebook.cells = [c for c in notebook.cells if src.grading(c).get("grade_id") not in grade_ids]


def write(notebook: NotebookNode, grade_id: str, text: str) -> None:
    cell(notebook, grade_id).source = text


def move_to_a_new_cell(notebook: NotebookNode) -> None:
    delete(notebook, "step", "step_test")
    notebook.cells.append(nbformat.v4.new_code_cell(STEP))


def copy_above(notebook: NotebookNode, grade_id: str, text: str | None = None) -> None:
    """Leave a copy of a cell above it; JupyterLab copies its metadata too."""
    original = cell(notebook, grade_id)
    twin = copy.deepcopy(original)
    twin.id = f"{grade_id}-copy".replace("_", "-")
    twin.source = original.source if text is None else text
    notebook.cells.insert(notebook.cells.index(original), twin)


def to_markdown(notebook: NotebookNode, grade_id: str) -> None:
    """Press M on a code cell."""
    one = cell(notebook, grade_id)
    one.cell_type = "markdown"
    del one["outputs"], one["execution_count"]


def set_metadata(notebook: NotebookNode, name: str, /, **values: object) -> None:
    cell(notebook, name).metadata.nbgrader.update(values)


def lose_grade_id(notebook: NotebookNode) -> None:
    del cell(notebook, "step_test").metadata.nbgrader["grade_id"]


def loop_twice(notebook: NotebookNode) -> None:
    write(notebook, "mean_square", "while True:\n    pass")
    write(notebook, "step", "def step(w, gradient, learning_rate):\n    while True:\n        pass")


def format_3(notebook: NotebookNode) -> str:
    return nbformat.writes(nbformat.convert(notebook, 3), version=3)


NOISY_STEP = """\
import logging, sys, warnings

def step(w, gradient, learning_rate):
    warnings.warn("mind the step")
    logging.warning("logged")
    print("to stderr", file=sys.stderr)
    print(7.5)
    return w - learning_rate * gradient

print("above all", file=sys.stderr)
"""


@dataclass(frozen=True)
class Trap:
    """Something that happens to a right notebook, and what it earns; None means no grade."""

    name: str
    change: Callable[[NotebookNode], str | None]
    points: tuple[float, float, float] | None = (3.0, 4.0, 2.0)
    says: str = ""


TRAPS = [
    Trap("a_right", lambda n: None),
    Trap("test_deleted", lambda n: delete(n, "step_test")),
    Trap("answer_deleted", lambda n: delete(n, "step"), (3, 0, 2), "Not attempted yet: step"),
    Trap("both_deleted", lambda n: delete(n, "step", "step_test"), (3, 0, 2)),
    Trap("answer_moved", move_to_a_new_cell),
    Trap(
        "renamed",
        lambda n: write(n, "step", STEP.replace("step", "my_step")),
        (3, 0, 2),
        "step is not defined: run the cell that defines it, then this one.",
    ),
    Trap("prints_numbers", lambda n: write(n, "step", STEP + "print(100)\n100.0")),
    Trap("noisy", lambda n: write(n, "step", NOISY_STEP), says="mind the step"),
    Trap("raises", lambda n: write(n, "step", "1 / 0"), (3, 0, 2), "division by zero"),
    Trap("exits", lambda n: write(n, "step", "raise SystemExit"), (3, 0, 2)),
    Trap("no_python", lambda n: write(n, "step", "def step(:"), (3, 0, 2), "SyntaxError"),
    Trap("loops", loop_twice, (0, 0, 2)),
    Trap("kernel_dies", lambda n: write(n, "step", "import os\nos._exit(1)"), (3, 0, 0)),
    Trap("test_copied", lambda n: copy_above(n, "step_test")),
    Trap("first_try_kept", lambda n: copy_above(n, "step", STEP.replace("w -", "w +"))),
    Trap("test_to_markdown", lambda n: to_markdown(n, "step_test")),
    Trap("answer_to_markdown", lambda n: to_markdown(n, "step")),
    Trap("test_edited", lambda n: write(n, "step_test", "4.0"), says="the step goes downhill"),
    Trap("points_edited", lambda n: set_metadata(n, "step_test", points=400)),
    Trap("grade_unset", lambda n: set_metadata(n, "step_test", grade=False)),
    Trap("made_an_answer", lambda n: set_metadata(n, "step_test", solution=True, locked=False)),
    Trap("old_metadata", lambda n: set_metadata(n, "step_test", schema_version=1)),
    Trap("new_metadata", lambda n: set_metadata(n, "step_test", schema_version=99)),
    Trap("no_grade_id", lose_grade_id),
    Trap("unknown_grade_id", lambda n: set_metadata(n, "step_test", grade_id="other")),
    Trap("old_format", format_3),
    Trap("no_json", lambda n: nbformat.writes(n)[:300], None),
    Trap("empty", lambda n: "", None),
    Trap("other_json", lambda n: json.dumps({"answer": 42}), None),
    Trap("z_right", lambda n: None),
]


@dataclass(frozen=True)
class Trapped:
    """The run over all traps."""

    room: Room
    status: int
    said: str


def student_of(trap: Trap) -> str:
    return f"trap_{trap.name}"


@pytest.fixture(scope="module")
def trapped(klass: Class) -> Trapped:
    """Hand in every trap as a student's of its own, and grade them in one run."""
    room = klass.room
    for trap in TRAPS:
        notebook = classroom.answered(room.released(TOPIC, "2_build"), RIGHT)
        text = trap.change(notebook)
        text = nbformat.writes(notebook) if text is None else text
        room.hand_in(student_of(trap), TOPIC, **{"2_build": text})
    # Long enough for an import on a busy machine, short enough to wait for two endless loops.
    run = room.nbgrader("autograde", TOPIC, "--student=trap_*", "--Execute.timeout=20", check=False)
    room.nbgrader("generate_feedback", TOPIC, "--student=trap_*")
    return Trapped(room, run.returncode, run.stdout + run.stderr)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_whatever_happens_to_a_notebook(trapped: Trapped, trap: Trap) -> None:
    student = student_of(trap)
    points = tuple(trapped.room.points(TOPIC, student, "2_build").values())
    if trap.points is None:
        assert points == (None, None, None)
        assert not trapped.room.has_autograded(TOPIC, student)
        return
    assert points == trap.points, trapped.said
    page = trapped.room.course / "feedback" / student / TOPIC / "2_build.html"
    text = classroom.page_text(page)
    assert f"(Score: {sum(trap.points):.1f} / 9.0)" in text
    assert trap.says in text


def test_one_unreadable_submission_keeps_nobody_else_from_a_grade(trapped: Trapped) -> None:
    """nbgrader goes on with the others, ends with status 1, and names who has no grade."""
    failed = {student_of(trap) for trap in TRAPS if trap.points is None}
    blamed = {
        student_of(trap)
        for trap in TRAPS
        if f"error processing assignment '{TOPIC}' for student '{student_of(trap)}'" in trapped.said
    }
    assert blamed == failed
    assert trapped.status == 1


def test_a_learner_is_told_why_python_ended_or_was_stopped(trapped: Trapped) -> None:
    def errors(student: str) -> list[str]:
        cells = trapped.room.autograded(TOPIC, student, "2_build").cells
        outputs = [output for c in cells for output in c.get("outputs", [])]
        return [o.ename for o in outputs if o.output_type == "error"]

    assert "KernelDied" in errors("trap_kernel_dies")
    assert "CellTimeoutError" in errors("trap_loops")


def test_the_readable_notebooks_of_a_damaged_submission_can_be_graded(klass: Class) -> None:
    right = classroom.answered(klass.room.released(TOPIC, "2_build"), RIGHT)
    klass.room.hand_in("zoe", TOPIC, **{"2_build": nbformat.writes(right), "3_use": "no JSON"})
    whole = klass.room.nbgrader("autograde", TOPIC, "--student=zoe", check=False)
    assert whole.returncode == 1
    assert not klass.room.has_autograded(TOPIC, "zoe")
    klass.room.nbgrader("autograde", TOPIC, "--student=zoe", "--notebook=2_build")
    assert list(klass.room.points(TOPIC, "zoe", "2_build").values()) == [3.0, 4.0, 2.0]


# The real topic.

REAL = "gradient_descent"


@dataclass(frozen=True)
class RealClass:
    """The real topic in a class, with its source."""

    room: Room
    students: dict[str, Student]
    sources: dict[str, NotebookNode]

    def exercises(self) -> Iterator[tuple[str, src.Exercise]]:
        for name, notebook in self.sources.items():
            for exercise in src.exercises(notebook):
                yield name, exercise

    def written(self, notebook: str) -> dict[str, float]:
        """Give the points of the answers that a person judges, by grade_id."""
        return {
            src.grading(c).grade_id: float(src.grading(c).points)
            for c in self.sources[notebook].cells
            if src.grading(c).get("grade") and src.grading(c).get("solution")
        }

    def verdict(self, student: str, notebook: str, exercise: str) -> dict:
        graded = self.room.autograded(REAL, student, notebook)
        return verdict(cell(graded, f"{exercise}{src.TEST_SUFFIX}"))


def solutions(notebook: NotebookNode) -> dict[str, str]:
    return {exercise.id: exercise.solution.source for exercise in src.exercises(notebook)}


def mistakes(notebook: NotebookNode) -> dict[str, str]:
    return {
        exercise.id: exercise.named("mistake")[0].cell.source
        for exercise in src.exercises(notebook)
        if exercise.named("mistake")
    }


def last_mistake(notebook: NotebookNode) -> dict[str, str]:
    """Give everything right but the last exercise, on which no other builds."""
    found = mistakes(notebook)
    last = dict([list(found.items())[-1]]) if found else {}
    return solutions(notebook) | last


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> RealClass:
    """Carry the real topic through the class, with what its authors wrote as answers."""
    folder = tmp_path_factory.mktemp("real")
    room = Room(folder, courses.copy_project(folder / "course"))
    courses.run(room.course, "curriculum", "build", REAL)
    students = hand_out(room, REAL, "ada", "ben", "cleo", "dan")
    texts = sorted((courses.ROOT / "source" / REAL).glob("*.py"))
    sources = {path.stem: src.read_notebook(path) for path in texts}
    klass = RealClass(room, students, sources)
    answers = {"ada": solutions, "ben": last_mistake, "cleo": mistakes}
    for name, answer in answers.items():
        for notebook, source in sources.items():
            said = dict.fromkeys(klass.written(notebook), f"An answer by {name}.")
            students[name].write(REAL, notebook, answer(source) | said)
    hand_in(room, REAL, students)
    room.nbgrader("autograde", REAL)
    hand_back(room, REAL, students)
    return klass


real_topic = pytest.mark.timeout(3600)


@real_topic
def test_the_class_has_the_whole_topic(real: RealClass) -> None:
    assert tuple(real.sources) == catalog.load()[REAL].notebooks
    assert sum(1 for _ in real.exercises()) > 0
    assert real.written("4_say")


@real_topic
def test_reference_solutions_earn_everything(real: RealClass) -> None:
    for notebook in real.sources:
        expected = {
            f"{e.id}{src.TEST_SUFFIX}": e.points for name, e in real.exercises() if name == notebook
        } | dict.fromkeys(real.written(notebook))
        assert real.room.points(REAL, "ada", notebook) == expected
    with real.room.gradebook() as book:
        total = book.find_submission(REAL, "ada").score
    assert total == sum(exercise.points for _, exercise in real.exercises())


@real_topic
def test_nothing_written_earns_nothing_and_breaks_nothing(real: RealClass) -> None:
    for notebook in real.sources:
        points = real.room.points(REAL, "dan", notebook)
        assert points == dict.fromkeys(points, 0.0)
        cells = real.room.autograded(REAL, "dan", notebook).cells
        outputs = [output for c in cells for output in c.get("outputs", [])]
        assert [o.evalue for o in outputs if o.output_type == "error"] == []
    assert not any(real.verdict("dan", name, e.id)["attempted"] for name, e in real.exercises())


@real_topic
def test_one_mistake_costs_its_own_points_and_is_named(real: RealClass) -> None:
    for notebook, source in real.sources.items():
        wrong = [*mistakes(source)][-1:]
        points = real.room.points(REAL, "ben", notebook)
        for exercise in src.exercises(source):
            earned = points[f"{exercise.id}{src.TEST_SUFFIX}"]
            if exercise.id not in wrong:
                assert earned == exercise.points, exercise.id
                continue
            assert earned == real.verdict("ben", notebook, exercise.id)["points"] < exercise.points
            assert exercise.named("mistake")[0].name in real.students["ben"].feedback(
                REAL, notebook
            )


@real_topic
def test_a_mistake_in_every_exercise_costs_points_in_every_exercise(real: RealClass) -> None:
    for notebook, exercise in real.exercises():
        earned = real.room.points(REAL, "cleo", notebook)[f"{exercise.id}{src.TEST_SUFFIX}"]
        assert earned < exercise.points, exercise.id


@real_topic
def test_answers_in_words_wait_for_a_person(real: RealClass) -> None:
    for notebook in real.sources:
        for grade_id, points in real.written(notebook).items():
            for student in ("ada", "ben", "cleo"):
                score = real.room.scores(REAL, student)[notebook][grade_id]
                assert score == Score(None, None, True, points)
            assert real.room.scores(REAL, "dan")[notebook][grade_id] == Score(
                0.0, None, False, points
            )


@real_topic
@pytest.mark.parametrize("student", ["ada", "ben", "dan"])
def test_feedback_of_the_real_topic_is_whole_and_tells_no_secret(
    real: RealClass, student: str
) -> None:
    for notebook, source in real.sources.items():
        text = real.students[student].feedback(REAL, notebook)
        assert "Traceback" not in text
        assert "HIDDEN TESTS" not in text
        hidden = " ".join(c.source for c in source.cells if not src.is_authoring(c))
        for region in src.regions(hidden, src.BEGIN_NOTES, src.END_NOTES):
            for line in filter(None, (line.strip("# *-") for line in region.splitlines())):
                assert len(line) < 20 or line not in text, line
