"""Gates: what must hold for every topic of the catalogue; each failure names its offenders."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

from curriculum import catalog
from curriculum.authoring import refuse, topics
from curriculum.authoring import source as src

ROOT = Path(__file__).resolve().parents[2]
TOPICS = [topic.id for topic in catalog.load()]
SOURCES = sorted((ROOT / "source").glob("*/*.py"))
RELEASED = sorted((ROOT / "release").glob("*/*.ipynb"))


def named(paths: list[Path]) -> list:
    return [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in paths]


def test_every_topic_of_the_catalogue_has_sources_and_a_release_and_nothing_else_has() -> None:
    sources = {path.parent.name for path in SOURCES}
    released = {path.parent.name for path in RELEASED}
    assert sources == set(TOPICS) == released


@pytest.mark.parametrize("topic", TOPICS)
def test_no_source_is_refused(topic: str) -> None:
    problems = list(refuse.topic_problems(ROOT / "source" / topic, catalog.load()))
    assert not problems, "\n".join(map(str, problems))


def authors_text(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Give every line that only authors and graders may see, with what it is."""
    secret: dict[str, str] = {}
    shown: set[str] = set()
    for cell in notebook.cells:
        if src.is_authoring(cell):
            kind = "a mistake or alternative"
            secret |= dict.fromkeys(src.telling_lines(cell.source), kind)
            continue
        shown |= {src.fold(line) for line in src.released_text(cell.source).splitlines()}
        for kind, (begin, end) in zip(
            ("a solution", "a hidden test", "a grader's note"), src.REGIONS, strict=True
        ):
            for region in src.regions(cell.source, begin, end):
                lines = region.splitlines() if cell.cell_type == "markdown" else []
                telling = {src.fold(li) for li in lines if len(li) > 24}
                secret |= dict.fromkeys(telling | src.telling_lines(region), kind)
        if cell.cell_type == "markdown" and src.grading(cell).get("solution"):
            answer = {src.fold(line) for line in cell.source.splitlines() if len(line) > 40}
            shown -= answer
            secret |= dict.fromkeys(answer, "a model answer")
    for name in mistake_names(notebook):
        secret[src.fold(name)] = "a mistake's name"
    return {line: kind for line, kind in secret.items() if line not in shown}


def mistake_names(notebook: nbformat.NotebookNode) -> set[str]:
    """Give mistakes' names long enough to be told from ordinary words."""
    found = {v.name for e in src.exercises(notebook) for v in e.named("mistake")}
    return {f'"{name}"' for name in found if len(name) > 12}


Secrets = dict[str, str]


@pytest.fixture(scope="module")
def secrets() -> dict[str, Secrets]:
    """Give each topic's secret lines, with what they are."""
    found: dict[str, Secrets] = {topic: {} for topic in TOPICS}
    for path in SOURCES:
        kinds = authors_text(src.read_notebook(path))
        of = f"of {path.parent.name}/{path.stem}"
        found[path.parent.name] |= {line: f"{kind} {of}" for line, kind in kinds.items()}
    few = [topic for topic, lines in found.items() if len(lines) < 100]
    assert not few, "the gate has next to nothing to look for: it would pass anything"
    return found


IDIOMS = {src.fold("with np.errstate(all='ignore'):")}
"""Lines that anybody writes and that say nothing of any exercise."""


def shown_elsewhere(topic: str) -> set[str]:
    """Give the lines that learners see in other topics: such a line gives nothing away."""
    return {
        src.fold(line)
        for path in RELEASED
        if path.parent.name != topic
        for cell in nbformat.read(path, 4).cells
        for line in cell.source.splitlines()
    }


def leaks(text: str, secrets: Secrets) -> list[str]:
    lines = {src.fold(line) for line in text.splitlines()}
    whole = src.fold(text)
    return [
        f"{kind}: {line}"
        for line, kind in secrets.items()
        if line in lines or (kind.startswith("a mistake's name") and line in whole)
    ]


@pytest.mark.parametrize("path", named(RELEASED))
def test_release_holds_nothing_of_the_authors(path: Path, secrets: dict[str, Secrets]) -> None:
    notebook = nbformat.read(path, 4)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert not leaks(text, secrets[path.parent.name])
    assert not [mark for pair in src.REGIONS for mark in pair if mark in text]
    assert not [cell for cell in notebook.cells if cell.get("outputs")], "release has outputs"
    assert not [cell for cell in notebook.cells if src.is_authoring(cell)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_package_and_nothing_of_the_authors(
    wheel: Path, secrets: dict[str, Secrets]
) -> None:
    telling: Secrets = {}
    for topic, lines in secrets.items():
        public = shown_elsewhere(topic) | IDIOMS
        telling |= {line: kind for line, kind in lines.items() if line not in public}
    offenders = []
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        for name in names:
            if name.endswith((".py", ".toml", ".json", ".js", ".md", ".ipynb", ".txt")):
                text = archive.read(name).decode()
                offenders += [f"{name}: {leak}" for leak in leaks(text, telling)]
    assert not offenders, "\n".join(offenders)
    assert {"curriculum/catalog.toml", "curriculum/cli.py"} <= set(names)
    assert not [name for name in names if name.startswith(("source/", "release/", "tests/"))]
    assert [
        name
        for name in names
        if name.endswith("labextensions/ml-interview-curriculum/package.json")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("topic", TOPICS)
def test_release_is_fresh(topic: str, tmp_path: Path) -> None:
    from curriculum.grading import nbgrader_api

    topics.write_source_notebooks(ROOT / "source" / topic)
    nbgrader_api.generate_assignment(
        topic, ROOT, release=tmp_path / "release", db_url=f"sqlite:///{tmp_path / 'gradebook.db'}"
    )
    made = {p.name: p.read_text() for p in (tmp_path / "release" / topic).iterdir()}
    kept = {p.name: p.read_text() for p in (ROOT / "release" / topic).iterdir() if p.is_file()}
    stale = sorted(name for name in made | kept if made.get(name) != kept.get(name))
    assert not stale, (
        f"release/{topic} is stale: {', '.join(stale)}; run `curriculum build {topic}`"
    )


LINK = re.compile(r"\]\(([^)\s]+)\)|<a[^>]+href=\"([^\"]+)\"")


@pytest.mark.parametrize("path", named(RELEASED))
def test_links_between_notebooks_resolve(path: Path) -> None:
    notebook = nbformat.read(path, 4)
    targets = {
        link
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for match in LINK.finditer(cell.source)
        if not (link := match[1] or match[2]).startswith(
            ("http", "mailto:", "data:", "attachment:")
        )
    }
    broken = [link for link in sorted(targets) if not resolves(link, path, notebook)]
    assert not broken


def resolves(link: str, path: Path, notebook: nbformat.NotebookNode) -> bool:
    file, _, anchor = unquote(link).partition("#")
    if file == "../start_here.ipynb":  # the home page, which `curriculum lab` writes
        return True
    target = path.parent / file if file else path
    if not target.exists():
        return False
    if not anchor:
        return True
    other = nbformat.read(target, 4) if file else notebook
    headings = re.findall(r"^#+ (.+)$", "\n".join(c.source for c in other.cells), re.M)
    return anchor in {heading.strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", named(SOURCES))
def test_every_exercise_has_three_mistakes_and_two_alternatives(path: Path) -> None:
    short = [
        f"{exercise.id}: {len(exercise.named('mistake'))} mistakes,"
        f" {len(exercise.named('alternative'))} alternatives"
        for exercise in src.exercises(src.read_notebook(path))
        if len(exercise.named("mistake")) < 3 or len(exercise.named("alternative")) < 2
    ]
    assert not short


@pytest.mark.parametrize("path", named(SOURCES))
def test_every_exercise_has_hints(path: Path) -> None:
    notebook = src.read_notebook(path)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    hinted = set(re.findall(r"learner\.hints\(\s*\"(\w+)\"", code))
    assert hinted == {exercise.id for exercise in src.exercises(notebook)}


@pytest.mark.parametrize("path", named(SOURCES))
def test_a_lesson_begins_by_its_own_name_and_ends_with_the_check(path: Path) -> None:
    cells = [c for c in src.read_notebook(path).cells if c.cell_type == "code"]
    first, last = cells[0], [c for c in cells if not src.is_authoring(c)][-1]
    assert f'learner.begin("{path.parent.name}", "{path.stem}")' in first.source
    assert "learner.check_my_work()" in last.source
    opening = [c for c in cells if re.search(r"learner\.(begin|hints|check_my_work)\(", c.source)]
    untagged = [c.source for c in opening if "on_open" not in c.metadata.get("tags", [])]
    assert not untagged, "these cells lack the tag on_open"
    hints = [c for c in cells if "learner.hints(" in c.source]
    shown = [c.source for c in hints if "hints" not in c.metadata.get("tags", [])]
    assert not shown, "feedback would show these hints: they lack the tag hints"


@pytest.mark.parametrize("path", named(SOURCES))
def test_prose_keeps_the_house_style(path: Path) -> None:
    # "just above" measures; a quoted candidate may talk as candidates do.
    just = r"(?<!\")just(?! (?:above|below|over|under|where|before|after))"
    banned = re.compile(rf"\b(simply|{just}|obviously|trivially)\b|[\U0001F300-\U0001FAFF]", re.I)
    found = [
        f"{match[0]!r} in: …{cell.source[max(0, match.start() - 30) : match.end() + 30]}…"
        for cell in src.read_notebook(path).cells
        if cell.cell_type == "markdown"
        for match in banned.finditer(re.sub(r"(?m)^>.*$", "", cell.source))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_ends_with_a_glossary_and_a_cheat_sheet(topic: str) -> None:
    notebook = src.read_notebook(ROOT / "source" / topic / "4_say.py")
    headings = [
        line
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("## ")
    ]
    assert headings[-2:] == ["## Glossary", "## Cheat sheet"]


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_has_enough_to_do(topic: str) -> None:
    exercises = [
        exercise
        for path in sorted((ROOT / "source" / topic).glob("*.py"))
        for exercise in src.exercises(src.read_notebook(path))
    ]
    counts = {
        "autograded exercises": (len(exercises), 10),
        "mistakes": (sum(len(e.named("mistake")) for e in exercises), 30),
        "alternatives": (sum(len(e.named("alternative")) for e in exercises), 20),
    }
    short = {
        what: f"{found} of {least}" for what, (found, least) in counts.items() if found < least
    }
    assert not short
