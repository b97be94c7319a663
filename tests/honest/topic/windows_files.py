"""Line ends of Windows in the notebook and in a module beside it, with a byte order mark."""

# %% mean_square
from powers import mean_square

# %% raw python
def change(notebook):
    for one in notebook.cells:
        one.source = one.source.replace("\n", "\r\n")
    return b"\xef\xbb\xbf" + v4.writes(notebook).replace("\n", "\r\n").encode()

def arrange(folder):
    text = "import numpy as np\n\n\ndef mean_square(x):\n    return float(np.mean(np.square(x)))\n"
    (folder / "powers.py").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
