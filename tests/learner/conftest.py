"""A learner's room: a small catalogue, a release, and a folder to work in."""

from __future__ import annotations

from pathlib import Path

import pytest
from course import ENTRY
from lessons import Room

from curriculum import catalog


@pytest.fixture
def small_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> catalog.Catalog:
    """Let the catalogue hold the small topic alone."""
    path = tmp_path / "catalog.toml"
    path.write_text(ENTRY)
    small = catalog.load(path)
    monkeypatch.setattr(catalog, "load", lambda: small)
    return small


@pytest.fixture
def room(tmp_path: Path, small_catalog: object, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.delenv("CURRICULUM_STATE", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return Room(tmp_path)
