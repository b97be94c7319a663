"""HTML, LaTeX, Markdown, pictures, sound and tables are displayed, in cells and in functions."""

# %% first
from IPython.display import HTML, SVG, Audio, Latex, Markdown, clear_output, display
import pandas as pd

display(HTML("<b>bold</b>"), Latex("$\\bar x$"), Markdown("*mean*"))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>'))

# %% mean
def mean(x):
    display(HTML(f"<table><tr><td>{len(x)}</td></tr></table>"))
    handle = display("starting", display_id=True)
    handle.update("done")
    clear_output(wait=True)
    if len(x) == 0:
        raise ValueError("no numbers")
    return pd.Series(x).mean()

display(pd.DataFrame({"x": [1.0, 2.0]}))
Audio(np.sin(np.arange(800)), rate=8000)
