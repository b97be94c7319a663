"""A notebook that is shut in, at each level and for each user."""

import pytest
from shut_in import USERS, Notebook


def pytest_configure(config):
    config.addinivalue_line("markers", "levels(*names): levels of the sandbox to run a test at")


def cases(*levels):
    """Every level as root and as an ordinary user."""
    return [pytest.param((level, user), id=f"{level}-{user}") for level in levels for user in USERS]


@pytest.fixture
def notebook(request):
    made = Notebook(*request.param)
    yield made
    made.tidy()


def pytest_generate_tests(metafunc):
    """Run each test that takes a `notebook` at each level, or at those that its marker names."""
    if "notebook" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("levels")
        levels = marker.args if marker else ("namespaces", "bubblewrap", "layers")
        metafunc.parametrize("notebook", cases(*levels), indirect=True)
