"""Copied from a web page: spaces that don't break, a byte order mark inside, typographic quotes in text."""

# %% raw python
def change(notebook):
    cell(notebook, "mean").source = (
        "def mean(x):\n    # copied\u00a0from \u201cthe\u201d page\u2028\n"
        "    note = 'a\u00a0b\u200b\ufeff\u2029'\n    if len(x) == 0:\n        raise ValueError(note)\n"
        "    return sum(x) / len(x)"
    )
