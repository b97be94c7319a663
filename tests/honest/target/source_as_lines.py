"""Texts of cells stand as lists of lines, one of which is a list of characters."""

# %% raw python
def change(notebook):
    import json
    plain = json.loads(json.dumps(notebook))
    for one in plain["cells"]:
        one["source"] = one["source"].splitlines(keepends=True)
    plain["cells"][1]["source"] = [*"".join(plain["cells"][1]["source"])]
    return json.dumps(plain)
