"""The table of contents: what it may not say, and that today's is carried out."""

import importlib.util
from itertools import pairwise

import pytest
from course import ENTRY, ROOT

from curriculum import catalog


def load(tmp_path, text):
    path = tmp_path / "catalog.toml"
    path.write_text(text)
    return catalog.load(path)


def refused(tmp_path, text):
    with pytest.raises(catalog.CatalogError) as failure:
        load(tmp_path, text)
    said = str(failure.value)
    assert str(tmp_path / "catalog.toml") in said
    return said


def entry(topic, needs="[]"):
    return ENTRY.replace('"small_topic"', f'"{topic}"').replace("needs = []", f"needs = {needs}")


def test_an_entry_is_read(tmp_path):
    topic = load(tmp_path, ENTRY)["small_topic"]
    assert topic.title == "A small topic"
    assert topic.needs == ()
    assert topic.notebooks == ("1_see", "2_build", "3_use", "4_say")
    assert topic.total_minutes == 20
    with pytest.raises(TypeError):
        topic.minutes["1_see"] = 1


def test_topics_keep_their_order(tmp_path):
    topics = load(tmp_path, entry("b") + entry("a", '["b"]') + entry("c"))
    assert [topic.id for topic in topics] == ["b", "a", "c"]
    assert len(topics) == 3
    assert "a" in topics
    assert "d" not in topics


def test_an_unknown_topic_is_answered_with_the_known_ones(tmp_path):
    with pytest.raises(catalog.CatalogError, match=r"no topic 'd'.*Topics: a, b\."):
        load(tmp_path, entry("a") + entry("b"))["d"]


@pytest.mark.parametrize(
    ("written", "instead", "words"),
    [
        ('title = "A small topic"', "", ["'small_topic'", "lacks title"]),
        ("needs = []\n", "", ["lacks needs"]),
        ("needs = []", "needs = []\nmood = 1", ["'small_topic'", "unknown mood"]),
        ("needs = []", 'needs = ["missing"]', ["'small_topic' needs 'missing'", "correct"]),
        ("needs = []", 'needs = "missing"', ["needs must be a list"]),
        ("needs = []", "needs = [3]", ["needs must be a list"]),
        ('title = "A small topic"', "title = 3", ["title must be text"]),
        ('"small_topic"', '"../elsewhere"', ["id must be a name"]),
        ("1_see = 5\n", "", ["minutes must name 1_see"]),
        ("1_see = 5\n2_build = 5", "2_build = 5\n1_see = 5", ["in order"]),
        ("4_say = 60", "4_say = 60\n5_sing = 60", ["seconds must name"]),
        ("1_see = 5\n", "1_see = 0\n", ["minutes must be whole numbers above zero"]),
        ("1_see = 60\n", '1_see = "long"\n', ["seconds must be whole numbers"]),
        ("[[topic]]", "[topic]", ["[[topic]]"]),
        ("[[topic]]", "[[topic]", ["not valid TOML"]),
    ],
)
def test_a_bad_entry_is_refused(tmp_path, written, instead, words):
    assert written in ENTRY
    said = refused(tmp_path, ENTRY.replace(written, instead, 1))
    for word in words:
        assert word in said


def test_an_id_is_listed_once(tmp_path):
    assert "'a' is listed twice" in refused(tmp_path, entry("a") + entry("a"))


def test_prerequisites_in_a_circle_are_shown_as_one(tmp_path):
    said = refused(tmp_path, entry("a", '["c"]') + entry("b", '["a"]') + entry("c", '["b"]'))
    circle = said.split("circle: ")[1].split(".")[0].split(" → ")
    assert circle[0] == circle[-1]
    assert set(circle) == {"a", "b", "c"}
    needs = {"a": "c", "b": "a", "c": "b"}
    assert all(needs[a] == b for a, b in pairwise(circle))


def test_a_topic_may_not_need_itself(tmp_path):
    assert "a → a" in refused(tmp_path, entry("a", '["a"]'))


@pytest.fixture(params=[topic.id for topic in catalog.load()])
def topic(request):
    return catalog.load()[request.param]


def test_a_topic_has_its_folder_and_its_widgets(topic):
    present = sorted(path.stem for path in (ROOT / "source" / topic.id).glob("*.py"))
    assert tuple(present) == topic.notebooks
    assert importlib.util.find_spec(f"curriculum.widgets.{topic.id}")


def test_a_topic_comes_after_what_it_needs(topic):
    order = [known.id for known in catalog.load()]
    assert all(order.index(need) < order.index(topic.id) for need in topic.needs)


def test_a_topic_names_levels_that_exist(topic):
    assert topic.levels
    assert set(topic.levels) <= {"entry", "mid", "senior", "staff"}


def test_no_folder_of_source_is_left_out():
    folders = {path.name for path in (ROOT / "source").iterdir() if any(path.glob("*.py"))}
    assert folders == {topic.id for topic in catalog.load()}
