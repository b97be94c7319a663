"""The examples in docstrings hold."""

from __future__ import annotations

import doctest

import pytest

import curriculum.checks
import curriculum.checks.assertions
import curriculum.checks.words
import curriculum.events

MODULES = [
    curriculum.checks,
    curriculum.checks.assertions,
    curriculum.checks.words,
    curriculum.events,
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples(module):
    result = doctest.testmod(module)
    assert result.attempted
    assert result.failed == 0
