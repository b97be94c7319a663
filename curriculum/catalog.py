"""Read the table of contents, `catalog.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import MappingProxyType

NOTEBOOKS = MappingProxyType({"1_see": "See", "2_build": "Build", "3_use": "Use", "4_say": "Say"})
"""The four notebooks of a topic, and the beat that each one plays."""

DEFAULT_PATH = Path(__file__).with_name("catalog.toml")


class CatalogError(ValueError):
    """The catalogue contradicts itself; the message says where and what to do."""


@dataclass(frozen=True)
class Topic:
    """One entry of the catalogue.

    `minutes` is a learner's time for each notebook, `seconds` the wall time that each notebook may
    take when it runs top to bottom on two cores.
    """

    id: str
    title: str
    summary: str
    skills: tuple[str, ...]
    needs: tuple[str, ...]
    levels: tuple[str, ...]
    roles: tuple[str, ...]
    minutes: Mapping[str, int]
    seconds: Mapping[str, int]

    @property
    def notebooks(self) -> tuple[str, ...]:
        """Names of the topic's notebooks, without extension, in order."""
        return tuple(self.minutes)

    @property
    def total_minutes(self) -> int:
        """A learner's time for the whole topic."""
        return sum(self.minutes.values())


class Catalog:
    """All topics, in order."""

    def __init__(self, topics: list[Topic], path: Path) -> None:
        self._topics = {topic.id: topic for topic in topics}
        self.path = path
        if len(self._topics) < len(topics):
            ids = [topic.id for topic in topics]
            twice = sorted({i for i in ids if ids.count(i) > 1})
            raise CatalogError(f"{path}: topic {twice[0]!r} is listed twice; keep one entry.")
        self._check_needs()

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._topics.values())

    def __len__(self) -> int:
        return len(self._topics)

    def __contains__(self, topic_id: object) -> bool:
        return topic_id in self._topics

    def __getitem__(self, topic_id: str) -> Topic:
        """Look a topic up.

        Raises
        ------
        CatalogError
            No topic has this id; the message lists those that exist.
        """
        try:
            return self._topics[topic_id]
        except KeyError:
            known = ", ".join(self._topics) or "none"
            raise CatalogError(
                f"There is no topic {topic_id!r} in the catalogue. Topics: {known}."
            ) from None

    def _check_needs(self) -> None:
        for topic in self:
            for need in topic.needs:
                if need not in self:
                    raise CatalogError(
                        f"{self.path}: topic {topic.id!r} needs {need!r}, which is not in the"
                        " catalogue; correct the name or add the topic."
                    )
        try:
            TopologicalSorter({topic.id: topic.needs for topic in self}).prepare()
        except CycleError as error:
            circle = " → ".join(reversed(error.args[1]))
            raise CatalogError(
                f"{self.path}: prerequisites go in a circle: {circle}. Take one of them out."
            ) from None


@cache
def load(path: Path = DEFAULT_PATH) -> Catalog:
    """Read the catalogue and check it.

    Parameters
    ----------
    path : Path
        The TOML file; by default the one that comes with the package.

    Raises
    ------
    CatalogError
        The file is no TOML, an entry lacks a field, has one too many or one of the wrong kind, a
        need is unknown, or prerequisites go in a circle.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("topic", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(f"{path} is not valid TOML: {error}.") from None
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise CatalogError(f"{path}: begin each topic with [[topic]], in double brackets.")
    return Catalog([_topic(table, number, path) for number, table in enumerate(tables, 1)], path)


def _topic(table: dict, number: int, path: Path) -> Topic:
    where = f"{path}: topic {table.get('id', f'number {number}')!r}"
    fields = set(Topic.__dataclass_fields__)
    missing, unknown = sorted(fields - set(table)), sorted(set(table) - fields)
    if missing or unknown:
        wrong = [f"lacks {', '.join(missing)}"] if missing else []
        wrong += [f"has unknown {', '.join(unknown)}"] if unknown else []
        raise CatalogError(f"{where} {' and '.join(wrong)}; see the comment at the top of it.")
    for field in ("id", "title", "summary"):
        if not isinstance(table[field], str):
            raise CatalogError(f"{where}: {field} must be text in quotes.")
    if not table["id"].isidentifier():
        raise CatalogError(f"{where}: id must be a name for a Python module, e.g. naive_bayes.")
    for field in ("skills", "needs", "levels", "roles"):
        if not _is_texts(table[field]):
            raise CatalogError(f'{where}: {field} must be a list of texts, e.g. ["SQL"], or [].')
    for field in ("minutes", "seconds"):
        if not isinstance(table[field], dict) or tuple(table[field]) != tuple(NOTEBOOKS):
            raise CatalogError(f"{where}: {field} must name {', '.join(NOTEBOOKS)}, in order.")
        if not all(type(value) is int and value > 0 for value in table[field].values()):
            raise CatalogError(f"{where}: {field} must be whole numbers above zero.")
    lists = {name: tuple(value) for name, value in table.items() if isinstance(value, list)}
    maps = {name: MappingProxyType(table[name]) for name in ("minutes", "seconds")}
    return Topic(**{**table, **lists, **maps})


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
