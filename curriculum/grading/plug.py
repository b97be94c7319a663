"""All of this grader for a course of anybody's, in three lines of its `nbgrader_config.py`.

::

    from curriculum.grading import plug
    c = get_config()
    plug.into(c)
"""

from __future__ import annotations

from typing import Any

import nbgrader.server_extensions.formgrader.handlers as formgrader
from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
from nbgrader import preprocessors as nb

from curriculum.grading import exchange
from curriculum.grading import preprocessors as grading
from curriculum.grading.feedback import pages, policy
from curriculum.grading.feedback.untrusted import Untrusted
from curriculum.grading.records import recording


def into(c: Any) -> None:
    """Have nbgrader's commands and its formgrader grade as this package does.

    Parameters
    ----------
    c : traitlets.config.Config
        As `get_config()` gives it. What is set afterwards goes before what is set here.
    """
    # Every grade that is written from here on leaves a row in the record.
    recording.into()

    c.Autograde.sanitize_preprocessors = [
        nb.ClearOutput,
        grading.RestoreCells,
        nb.OverwriteKernelspec,
        nb.OverwriteCells,
        nb.CheckCellMetadata,
    ]
    c.Autograde.autograde_preprocessors = [
        grading.Execute,
        nb.IgnorePattern,
        ClearMetadataPreprocessor,
        nb.LimitOutput,
        grading.SaveAutoGrades,
        nb.AssignLatePenalties,
        nb.CheckCellMetadata,
    ]
    # Tests ask for what they need from outside, by calls with plain data: nothing that a student's
    # notebook does to its own process reaches a verdict.
    c.Execute.run_tests_apart = True

    # What comes out of a folder that anybody can write to is looked at before it is taken.
    c.ExchangeFactory.collect = exchange.ExchangeCollect
    c.ExchangeFactory.list = exchange.ExchangeList

    c.GenerateFeedback.preprocessors = [
        nb.GetGrades,
        grading.HideFromLearners,
        CSSHTMLHeaderPreprocessor,
    ]
    # Feedback and the formgrader's pages are whole without a network, and run nothing of students'.
    c.HTMLExporter.extra_template_basedirs = [str(pages.TEMPLATES), formgrader.template_path]
    c.HTMLExporter.template_file = pages.TEMPLATE_FILE
    c.HTMLExporter.filters = pages.FILTERS
    c.HTMLExporter.default_preprocessors = [Untrusted]
    c.HTMLExporter.sanitize_html = True
    policy.protect_formgrader()
