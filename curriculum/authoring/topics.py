"""Build topics: the source notebooks and, through nbgrader, the release."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from curriculum import catalog as catalogue
from curriculum import files

_BUILDERS = ("jupytext", "nbconvert", "nbformat", "nbgrader")
"""Packages whose version may change what is built."""


@dataclass(frozen=True)
class Built:
    """What became of one topic.

    Parameters
    ----------
    topic : str
        Its id.
    fresh : bool
        Nothing had to be done.
    changed : tuple of str
        Files of the release that are others now.
    unsplit : tuple of str
        Test cells that don't work in a process of their own, and what to write instead.
    """

    topic: str
    fresh: bool
    changed: tuple[str, ...] = ()
    unsplit: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.fresh:
            return f"{self.topic}: up to date"
        built = f"{self.topic}: built, " + (", ".join(self.changed) or "nothing changed")
        return "\n".join([built, *(f"{self.topic}/{one}" for one in self.unsplit)])


def build(
    topics: Iterable[str], root: Path, catalog: catalogue.Catalog, *, quick: bool = False
) -> list[Built]:
    """Bring the notebooks in `source/`, the gradebook and `release/` up to date.

    Parameters
    ----------
    topics : iterable of str
        Ids from the catalogue; none means all.
    root : Path
        The course: the folder with `source/` and `nbgrader_config.py`.
    catalog : Catalog
        The table of contents.
    quick : bool
        Don't look whether every test works in a process of its own; grading looks for itself.

    Raises
    ------
    SourceError
        A topic is refused. Nothing of it has been touched.
    CatalogError
        A topic is not in the catalogue.
    GradingError
        nbgrader refused, for example to change an assignment that has submissions.
    """
    chosen = list(topics) or [topic.id for topic in catalog]
    return [_build_one(catalog[topic].id, root, catalog, quick) for topic in chosen]


def _build_one(topic: str, root: Path, catalog: catalogue.Catalog, quick: bool) -> Built:
    folder = root / "source" / topic
    stamp = root / ".build" / f"{topic}.json"
    found = _state(topic, root)
    if _read(stamp) == found:
        return Built(topic, fresh=True)
    # Slow to import, and not needed where nothing changed.
    from curriculum.authoring import refuse
    from curriculum.grading import together

    refuse.check_topic(folder, catalog)
    write_source_notebooks(folder)
    changed = _release(topic, root)
    if quick:
        return Built(topic, fresh=False, changed=tuple(changed))
    unsplit = tuple(map(str, together.in_course(root, topic)))
    # What an author changes meanwhile has not been built.
    built = {**_state(topic, root), "inputs": found["inputs"]}
    files.write_text(stamp, json.dumps(built, indent=1))
    return Built(topic, fresh=False, changed=tuple(changed), unsplit=unsplit)


def write_source_notebooks(folder: Path) -> None:
    """Write the `.ipynb` beside each text source, where it would differ."""
    from curriculum.authoring import source as src  # slow to import, as above

    for text in sorted(folder.glob("*.py")):
        notebook = src.write_notebook(src.read_notebook(text))
        path = text.with_suffix(".ipynb")
        if not path.exists() or path.read_text(encoding="utf-8") != notebook:
            files.write_text(path, notebook)


def _release(topic: str, root: Path) -> list[str]:
    """Generate beside the release, then move what differs into it: never half a release."""
    from curriculum.grading import nbgrader_api  # slow to import, as above

    (root / ".build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root / ".build") as scratch:
        nbgrader_api.generate_assignment(topic, root, release=Path(scratch))
        return _move_changed(Path(scratch) / topic, root / "release" / topic)


def _move_changed(new: Path, old: Path) -> list[str]:
    old.mkdir(parents=True, exist_ok=True)
    changed = []
    for path in sorted(new.rglob("*")):
        target = old / path.relative_to(new)
        if path.is_file() and not (target.exists() and target.read_bytes() == path.read_bytes()):
            files.write_bytes(target, path.read_bytes())
            changed.append(str(path.relative_to(new)))
    for path in sorted(old.iterdir()):
        if not (new / path.name).exists() and path.name != ".ipynb_checkpoints":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            changed.append(f"{path.name} (removed)")
    return changed


def _state(topic: str, root: Path) -> dict[str, str]:
    """Identify everything that decides a build, and everything that it makes."""
    return {
        "inputs": source_digest(topic, root),
        "notebooks": _digest_all((root / "source" / topic).glob("*.ipynb")),
        "outputs": _digest_all((root / "release" / topic).glob("*")),
        "gradebook": "present" if (root / "gradebook.db").exists() else "absent",
    }


def source_digest(topic: str, root: Path) -> str:
    """Identify the version of a topic: its text, the way it is built, and the builders."""
    package = Path(__file__).resolve().parents[1]
    inputs = [
        *_authored(root / "source" / topic),
        root / "nbgrader_config.py",
        *(package / "authoring").glob("*.py"),
    ]
    builders = " ".join(f"{name} {version(name)}" for name in _BUILDERS)
    return hashlib.sha256(f"{builders}\n{_digest_all(inputs)}".encode()).hexdigest()


def _authored(folder: Path) -> Iterator[Path]:
    """Give a topic's texts, and the files beside them, which nbgrader copies to the release."""
    for path in folder.rglob("*"):
        hidden = any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)
        if path.suffix != ".ipynb" and not hidden:
            yield path


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest_all(paths: Iterable[Path]) -> str:
    lines = [f"{path.name} {_digest(path)}" for path in sorted(paths) if path.is_file()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _read(stamp: Path) -> dict[str, str]:
    try:
        return json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
