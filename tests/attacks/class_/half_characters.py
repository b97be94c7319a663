"""Hands in text with half characters and zero bytes, which JSON can spell and files and databases
can't."""

# wants: class
# answers: wrong
# stock: graded

# %% raw python
import json


def change(notebook):
    plain = json.loads(v4.writes(notebook))
    plain["cells"][0]["source"] = "x = '\ud800\udfff\udc00 \u0000'\nprint(x)"
    plain["metadata"]["\ud800"] = "\ud800"
    return json.dumps(plain)
