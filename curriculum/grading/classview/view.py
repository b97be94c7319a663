"""What a teacher wants to know of a topic, worked out from what the gradebook holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from curriculum.authoring.source import TEST_SUFFIX
from curriculum.grading.classview import statistics
from curriculum.grading.classview.held import Attempt, Cell, Place, Submission, Topic
from curriculum.grading.classview.statistics import Item, Spread
from curriculum.grading.records.checked import NOT_ATTEMPTED, PASSED, Check

EXAMPLES = 2
"""Shown of each mistake."""
PLAIN_TEST = "the test cell"
"""What a test without named checks is called: see `curriculum.authoring.rehearse.verdict`."""


@dataclass(frozen=True)
class Exercise:
    """A graded cell over the whole class.

    Parameters
    ----------
    notebook, name : str
        Where it is; the name is that of the answer.
    most : float
        Its points.
    by_hand : bool
        A person judges it.
    spread : Spread
        Of the points of those who have a grade.
    waiting : int
        How many answers a person has to look at.
    attempts, attempted_by : int
        Different submissions in which there was something to check; of how many students.
    item : Item or None
        The analysis of its test; None where a person judges it.
    """

    notebook: str
    name: str
    most: float
    by_hand: bool
    spread: Spread
    waiting: int
    attempts: int
    attempted_by: int
    item: Item | None

    @property
    def label(self) -> str:
        """Its name with its notebook's."""
        return f"{self.notebook} · {self.name}"


@dataclass(frozen=True)
class CheckedOver:
    """One named check over the whole class."""

    notebook: str
    exercise: str
    name: str
    most: float
    passed: int
    not_attempted: int
    item: Item


@dataclass(frozen=True)
class Example:
    """How a mistake looked, without the name of who made it.

    Parameters
    ----------
    check : str
        The check that recognised it.
    message : str
        What was expected and what came.
    answer : str
        The code; may be cut short, or empty.
    """

    check: str
    message: str
    answer: str


@dataclass(frozen=True)
class Mistake:
    """A named mistake over the whole class.

    Parameters
    ----------
    notebook, exercise, name : str
        Which.
    now : int
        How many students have it in their newest submission.
    ever : int
        How many had it in any submission that the gradebook has checks of.
    of : int
        How many students' newest submissions were checked there.
    examples : tuple of Example
        Of different answers, short ones first.
    """

    notebook: str
    exercise: str
    name: str
    now: int
    ever: int
    of: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Person:
    """A student's standing in the topic.

    Parameters
    ----------
    student, name : str
        The id, and the name where it is known.
    ran : int or None
        How many notebooks were handed in and graded; None where that was not kept.
    points, extra, penalty : float
        Points until now, extra credit, and what being late costs.
    graded, waiting : int
        Of the graded cells: how many have a grade; how many a person has to look at.
    submissions : int
        How many different ones were graded.
    seconds_late : float
        0 where it came in time, or nothing was due.
    feedback : str
        See `curriculum.grading.classview.returned`.
    trouble : tuple of str
        What could not be graded, in sentences.
    """

    student: str
    name: str
    ran: int | None
    points: float
    extra: float
    penalty: float
    graded: int
    waiting: int
    submissions: int
    seconds_late: float
    feedback: str
    trouble: tuple[str, ...]


@dataclass(frozen=True)
class Numbers:
    """All that the class view of a topic shows.

    Parameters
    ----------
    topic, title : str
        The assignment, and what it is called.
    students : int
        How many the gradebook knows.
    notebooks : int
        How many have graded cells.
    most : float
        The points of the topic.
    exercises, checks, mistakes, people : tuple
        In the order in which they are shown.
    unsettled : tuple of str
        The exercises judged by a person that are left out of totals: some answers wait.
    lacks : tuple of str
        What the gradebook has nothing of, as in `curriculum.grading.classview.held.Topic`.
    """

    topic: str
    title: str
    students: int
    notebooks: int
    most: float
    exercises: tuple[Exercise, ...]
    checks: tuple[CheckedOver, ...]
    mistakes: tuple[Mistake, ...]
    people: tuple[Person, ...]
    unsettled: tuple[str, ...]
    lacks: tuple[str, ...] = ()

    @property
    def spread(self) -> Spread:
        """How the points of the whole topic are spread, as far as they are graded."""
        return statistics.spread([one.points for one in self.people], self.most)

    @property
    def tests(self) -> tuple[tuple[Exercise, Item], ...]:
        """The exercises that tests judge, each with its analysis."""
        return tuple((one, one.item) for one in self.exercises if one.item is not None)

    @property
    def enough(self) -> bool:
        """Whether there are enough students to judge tests by them."""
        return any(item.n >= statistics.ENOUGH for _, item in self.tests)


def numbers(
    topic: Topic,
    *,
    title: str = "",
    order: Mapping[str, Sequence[str]] = {},
    feedback: Mapping[str, str] = {},
) -> Numbers:
    """Work out what a class view shows.

    Parameters
    ----------
    topic : Topic
        As it was read.
    title : str
        What it is called.
    order : mapping
        Notebook → the graded cells as they follow each other; a gradebook keeps no order.
    feedback : mapping
        Student → the state of the feedback.
    """
    cells = sorted(topic.cells, key=lambda cell: _rank(cell, order))
    whole = _Class(topic, cells)
    return Numbers(
        topic.name,
        title or topic.name,
        topic.students,
        len({cell.notebook for cell in cells}),
        sum(cell.most for cell in cells),
        tuple(_exercise(whole, cell) for cell in cells),
        tuple(check for cell in cells for check in _checks(whole, cell)),
        tuple(_mistakes(topic, cells)),
        tuple(_person(one, cells, feedback) for one in topic.submissions),
        tuple(named(cell.name) for cell in cells if cell.place not in whole.settled),
        topic.lacks,
    )


def named(cell: str) -> str:
    """Give the exercise that a test cell belongs to."""
    return cell.removesuffix(TEST_SUFFIX) or cell


def _rank(cell: Cell, order: Mapping[str, Sequence[str]]) -> tuple[str, int, str]:
    known = list(order.get(cell.notebook, ()))
    place = known.index(cell.name) if cell.name in known else len(known)
    return cell.notebook, place, cell.name


@dataclass
class _Class:
    """The students who can be compared, and the cells that count for all of them.

    Those whose tests all have points are compared. What a person judges counts where nobody's
    answer waits: students must not differ by what has been graded yet.
    """

    topic: Topic
    cells: Sequence[Cell]
    settled: set[Place] = field(default_factory=set)
    students: list[Submission] = field(default_factory=list)
    totals: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        tests = [cell.place for cell in self.cells if not cell.by_hand]
        self.students = [
            one
            for one in self.topic.submissions
            if all(_points(one, place) is not None for place in tests)
        ]
        self.settled = {
            cell.place
            for cell in self.cells
            if not cell.by_hand
            or (all(_points(one, cell.place) is not None for one in self.students))
        }
        self.totals = [
            sum(_points(one, place) or 0.0 for place in sorted(self.settled))
            for one in self.students
        ]

    def item(self, earned: Sequence[float], most: float) -> Item:
        """Analyse what the students earned on something that is in the totals."""
        rest = [total - own for total, own in zip(self.totals, earned, strict=True)]
        return statistics.analyse(earned, most, rest)


def _points(one: Submission, place: Place) -> float | None:
    score = one.scores.get(place)
    return None if score is None else score.points


def _exercise(whole: _Class, cell: Cell) -> Exercise:
    submissions = whole.topic.submissions
    known = [_points(one, cell.place) for one in submissions]
    scores = [one.scores.get(cell.place) for one in submissions]
    attempted = [
        sum(attempt.attempted for attempt in one.attempts.get(cell.place, []))
        for one in submissions
    ]
    earned = [_points(one, cell.place) or 0.0 for one in whole.students]
    return Exercise(
        cell.notebook,
        named(cell.name),
        cell.most,
        cell.by_hand,
        statistics.spread([points for points in known if points is not None], cell.most),
        sum(score.waiting for score in scores if score is not None),
        sum(attempted),
        sum(count > 0 for count in attempted),
        None if cell.by_hand else whole.item(earned, cell.most),
    )


def _checks(whole: _Class, cell: Cell) -> Iterator[CheckedOver]:
    """Go through the named checks of a test, in the order in which they run."""
    said: list[tuple[int, dict[str, Check]]] = []
    for number, one in enumerate(whole.students):
        attempt = one.now(cell.place)
        if attempt is not None and attempt.checks:
            said.append((number, {check.name: check for check in attempt.checks}))
    names = dict.fromkeys(name for _, checks in said for name in checks)
    for name in names:
        if name == PLAIN_TEST:
            continue
        most = max(checks[name].most for _, checks in said if name in checks)
        # A test that broke before it came to a check has nothing of it: it did not pass.
        passed = [name in checks and checks[name].status == PASSED for _, checks in said]
        left = sum(name in checks and checks[name].status == NOT_ATTEMPTED for _, checks in said)
        rest = [
            whole.totals[number] - (most if ok else 0.0)
            for (number, _), ok in zip(said, passed, strict=True)
        ]
        item = statistics.analyse([float(ok) for ok in passed], 1.0, rest)
        exercise = named(cell.name)
        yield CheckedOver(cell.notebook, exercise, name, most, sum(passed), left, item)


def _mistakes(topic: Topic, cells: Sequence[Cell]) -> list[Mistake]:
    """Rank the named mistakes: those that most students have now come first."""
    found = []
    for cell in cells:
        now, ever = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
        shown: dict[str, list[Example]] = defaultdict(list)
        checked = 0
        for one in topic.submissions:
            newest = one.now(cell.place)
            checked += newest is not None and bool(newest.checks)
            for attempt in reversed(one.attempts.get(cell.place, [])):
                for check in attempt.checks:
                    if check.mistake:
                        ever[check.mistake].add(one.student)
                        shown[check.mistake].append(_example(check, attempt))
                        if attempt is newest:
                            now[check.mistake].add(one.student)
        for name in ever:
            counts = len(now[name]), len(ever[name]), checked
            examples = tuple(_chosen(shown[name]))
            found.append(Mistake(cell.notebook, named(cell.name), name, *counts, examples))
    return sorted(found, key=lambda m: (-m.now, -m.ever))  # in the topic's order otherwise


def _example(check: Check, attempt: Attempt) -> Example:
    return Example(check.name, check.message, attempt.answer)


def _chosen(examples: Sequence[Example]) -> list[Example]:
    """Choose different answers; short ones show a mistake best."""
    ranked = sorted(
        examples, key=lambda one: (not one.answer, len(one.answer), len(one.message), one.answer)
    )
    seen: dict[str, Example] = {}
    for one in ranked:
        seen.setdefault("".join((one.answer or one.message).split()), one)
    return list(seen.values())[:EXAMPLES]


def _person(one: Submission, cells: Sequence[Cell], feedback: Mapping[str, str]) -> Person:
    scores = [one.scores[cell.place] for cell in cells if cell.place in one.scores]
    ran = [one.has_run(notebook) for notebook in {cell.notebook: 0 for cell in cells}]
    digests = {attempt.submission for attempts in one.attempts.values() for attempt in attempts}
    return Person(
        one.student,
        one.name,
        None if None in ran else sum(map(bool, ran)),
        sum(score.points or 0.0 for score in scores),
        sum(score.extra for score in scores),
        one.penalty,
        sum(score.points is not None for score in scores),
        sum(score.waiting for score in scores),
        len(digests),
        one.seconds_late,
        feedback.get(one.student, ""),
        one.trouble,
    )
