"""Every line ends as on Windows, in the tests' cells, too, and in files beside."""

# %% mean
from helper import mean

# %% raw python
def change(notebook):
    for one in notebook.cells:
        one.source = one.source.replace("\n", "\r\n")

def arrange(folder):
    text = "def mean(x):\n    if len(x) == 0:\n        raise ValueError\n    return sum(x) / len(x)\n"
    (folder / "helper.py").write_bytes(text.replace("\n", "\r\n").encode())
