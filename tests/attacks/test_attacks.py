"""No attack gains a point, shows a secret, or touches anybody else's work.

All attacks are graded in one run of `curriculum grade`, honest students among them; the honest ones
are graded once more in a class where nobody attacks.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import markup
import ours
import pytest
import table
import target
import world as worlds
from ours import Run
from stock import Stock
from submission import Submission
from world import BYSTANDERS, World

pytestmark = [pytest.mark.slow, pytest.mark.sandbox, pytest.mark.timeout(1800)]

ATTACKS = table.attacks()
SAMPLE = (
    "ast_drops_asserts",
    "skip_execution",
    "cleared_output",
    "gradebook_trigger",
    "prints_history",
    "script_in_html",
)
"""Graded with stock nbgrader, too, to see that the table's column is true."""


def _marked(one: Submission) -> object:
    open_ = one.facts.get("open")
    marks = [pytest.mark.xfail(reason=open_, strict=True)] if open_ else []
    return pytest.param(one, id=one.name, marks=marks)


each = pytest.mark.parametrize("attack", [pytest.param(one, id=one.name) for one in ATTACKS])
each_that_is_closed = pytest.mark.parametrize("attack", list(map(_marked, ATTACKS)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.make(tmp_path_factory.mktemp("attacks") / "made", ours.CONFIG)


@pytest.fixture(scope="module")
def calm(made: World) -> Run:
    world = made.copy(made.folder.with_name("calm"))
    return ours.grade(world, map(worlds.bystander, BYSTANDERS))


@pytest.fixture(scope="module")
def attacked(made: World) -> Run:
    world = made.copy(made.folder.with_name("attacked"))
    return ours.grade(world, [*map(worlds.bystander, BYSTANDERS), *ATTACKS])


# What is attacked.


def test_there_are_enough_attacks_of_every_kind() -> None:
    assert len(ATTACKS) >= 60
    count = Counter(one.facts["wants"] for one in ATTACKS)
    assert count.keys() == table.AIMS.keys() and min(count.values()) >= 10, count
    assert len({one.text() for one in ATTACKS if one.text()}) == len(ATTACKS)


def test_right_answers_earn_everything_and_wrong_ones_do_not(calm: Run) -> None:
    assert calm.world.points("zoe") == target.TESTS
    assert sum(calm.world.points("mia").values()) == 9
    assert calm.status == 0


def test_secrets_are_there_to_be_read(attacked: Run) -> None:
    world, secrets = attacked.world, worlds.SECRETS
    source = world.course / "source" / target.TOPIC / f"{target.NOTEBOOK}.ipynb"
    for name in ("hidden tests", "reference solutions"):
        assert secrets[name] in source.read_text()
    assert secrets["another student's answer"] in world.graded("zoe")
    assert secrets["the gradebook"].encode() in (world.course / "gradebook.db").read_bytes()
    assert secrets["the grader's environment"] in world.environment().values()


# What the attacks came to.


@each_that_is_closed
def test_no_point_is_gained(attacked: Run, attack: Submission) -> None:
    points = attacked.world.points(attack.name)
    assert points.keys() == target.TESTS.keys()
    assert sum(points.values()) == float(attack.facts.get("honest", 0)), points


@each
def test_no_secret_is_shown(attacked: Run, attack: Submission) -> None:
    assert attacked.outcome(attack).seen == ()


@pytest.mark.parametrize(
    "attack", [pytest.param(one, id=one.name) for one in ATTACKS if markup.MARK in one.text()]
)
def test_no_script_runs_on_a_page(attacked: Run, attack: Submission) -> None:
    pages = attacked.world.feedback(attack.name), attacked.world.formgrader_page(attack.name)
    assert [markup.hostile(page) for page in pages] == [[], []]


@pytest.mark.parametrize("name", BYSTANDERS)
def test_honest_students_are_graded_as_if_nobody_attacked(
    attacked: Run, calm: Run, name: str
) -> None:
    there, here = calm.world.bystander(name), attacked.world.bystander(name)
    assert here == there


def test_nothing_of_the_course_is_changed(attacked: Run) -> None:
    assert attacked.changed == []


def test_nothing_is_left_over(attacked: Run) -> None:
    assert attacked.left == []


def test_the_run_ends_with_a_row_for_everybody(attacked: Run) -> None:
    assert attacked.rows.keys() == {*BYSTANDERS, *(one.name for one in ATTACKS)}
    assert attacked.status == 1, attacked.said  # some rows are red
    assert "Traceback" not in attacked.said


def test_the_instructors_terminal_gets_no_control_characters(attacked: Run) -> None:
    odd = {character for character in attacked.said if not character.isprintable()} - {"\n"}
    assert odd == set()


# The table.


def test_the_table_has_a_row_for_each_attack(attacked: Run) -> None:
    rows = table.read()
    assert rows.keys() == {one.name for one in ATTACKS}, "run `.venv/bin/python tests/attacks`"
    for one in ATTACKS:
        row = rows[one.name]
        assert (row.says, row.ours) == (one.says, attacked.words(one)), one.name


@pytest.fixture(scope="module")
def by_stock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Say what stock nbgrader gives for the sample."""
    folder = tmp_path_factory.mktemp("stock")
    stock = Stock.make(folder)
    sample = [one for one in ATTACKS if one.name in SAMPLE]
    with ThreadPoolExecutor(2) as pool:
        said = pool.map(lambda one: stock.words(one, folder / one.name), sample)
    return dict(zip((one.name for one in sample), said, strict=True))


@pytest.mark.parametrize("name", SAMPLE)
def test_stock_nbgrader_gives_what_the_table_says(by_stock: dict[str, str], name: str) -> None:
    assert by_stock[name] == table.read()[name].stock
    assert by_stock[name] != "nothing"


# The suite's own eyes.


@pytest.mark.parametrize(
    "page",
    [
        "<script>MARK</script>",
        "<img src=x onerror=\"f('MARK')\">",
        "<a href=\" javascript:f('MARK')\">x</a>",
        '<img src="https://example.com/MARK">',
        '<p style="background: url(//example.com/MARK)">x</p>',
        '<iframe srcdoc="MARK"></iframe>',
    ],
)
def test_what_a_page_would_run_is_seen(page: str) -> None:
    assert markup.hostile(page.replace("MARK", markup.MARK))


@pytest.mark.parametrize("page", ["<pre>&lt;script&gt;MARK</pre>", "<b>MARK</b>", ""])
def test_what_a_page_only_shows_is_let_be(page: str) -> None:
    assert markup.hostile(page.replace("MARK", markup.MARK)) == []
