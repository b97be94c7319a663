"""Hands in cells of no type, without source, with sources that are numbers, and nbgrader data of no
shape."""

# wants: class
# answers: wrong
# stock: graded

# %% raw python
import json


def change(notebook):
    plain = json.loads(v4.writes(notebook))
    plain["cells"] += [
        7, None, [], {"cell_type": "nothing"}, {"cell_type": "code", "source": 7, "metadata": []},
        {"cell_type": "code", "source": ["1", 2, None], "metadata": {"nbgrader": "yes"}},
        {"cell_type": "markdown", "source": "x", "metadata": {"nbgrader": {"grade_id": ["x"], "schema_version": 10**30}}},
        {"cell_type": "code", "source": "1", "metadata": {"nbgrader": {"grade_id": "mean", "schema_version": 99, "grade": "yes"}}, "outputs": "x", "execution_count": "y"},
    ]
    return json.dumps(plain)
