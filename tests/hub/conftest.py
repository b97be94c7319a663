"""What tests of a class on JupyterHub share: one that runs, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_class import HubClass, open_class

from curriculum.hub import room


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "klass" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.sandbox)


@pytest.fixture(scope="session")
def klass(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubClass]:
    """Give a class that is open, with a released topic; tests share it and what is in it."""
    assert room.why_not() == ""
    folder: Path = tmp_path_factory.mktemp("hub") / "class"
    with open_class(folder) as opened:
        yield opened
