"""Cells of its own that are no Python: notes, a lost bracket, tabs, a question mark, old print."""

# %% raw python
def change(notebook):
    texts = [
        "TODO: ask about this!",
        "print(mean([1, 2)",
        "if True:\n\tx = 1\n        y = 2",
        "mean?",
        "?np.mean",
        "np.mean??",
        "print 'hello'",
        "%nosuchmagic",
        "def half(:",
        "'''never closed",
        "\x0c\x00",
    ]
    for place, text in enumerate(texts):
        notebook.cells.insert(2 + 2 * (place % 5), v4.new_code_cell(text))
