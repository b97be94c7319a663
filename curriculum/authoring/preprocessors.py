"""What `nbgrader_config.py` plugs into nbgrader's generate_assignment.

They make the three ways to generate a topic (`curriculum build`, `nbgrader generate_assignment`,
the formgrader's button) one: each reads the text sources, refuses the bad ones, and writes the
same release.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from curriculum import catalog
from curriculum.authoring import refuse
from curriculum.authoring import source as src


class ReadSource(NbGraderPreprocessor):
    """Take the notebook from the text beside it, which is its only authored form.

    The `.ipynb` that nbgrader found may be older than the text: an author may have edited the
    text in another editor. A notebook with no text beside it passes unchanged, so that courses can
    hold stock nbgrader assignments too.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Replace `nb`; refuses a bad topic with a SourceError."""
        text = Path(resources["metadata"]["path"]) / f"{resources['metadata']['name']}.py"
        if not text.exists():
            return nb, resources
        refuse.check_topic(text.parent, catalog.load())
        return src.read_notebook(text), resources


class RemoveAuthoringCells(NbGraderPreprocessor):
    """Take out mistakes and alternatives: they are for the test suite."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Keep the cells that learners get."""
        nb.cells = [cell for cell in nb.cells if not src.is_authoring(cell)]
        return nb, resources
