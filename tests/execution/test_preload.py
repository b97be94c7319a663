from curriculum.execution import preload


def test_imports_of_every_form_are_listed():
    cells = [
        "import numpy as np, os.path",
        "def f():\n    from sklearn.linear_model import Ridge, Lasso as L",
        "%matplotlib inline\nimport json",
        "!ls\n  %timeit 1\nfrom . import x",
        "this is no Python",
    ]
    assert set(preload.modules(cells)) == {
        "json",
        "numpy",
        "os.path",
        "sklearn.linear_model:Lasso",
        "sklearn.linear_model:Ridge",
    }


def test_code_without_imports_needs_nothing():
    assert preload.modules(["x = 1"]) == ()


def test_the_fingerprint_is_steady_and_sees_a_change(monkeypatch, tmp_path):
    first = preload.fingerprint()
    assert preload.fingerprint() == first
    monkeypatch.setattr(preload.sysconfig, "get_path", lambda name: str(tmp_path))
    second = preload.fingerprint()
    assert second != first
    (tmp_path / "new-1.0.dist-info").mkdir()
    assert preload.fingerprint() != second
