"""Sliders, buttons, captured output and `interact`, at the top of a cell and in functions."""

# %% first
import ipywidgets as widgets
from ipywidgets import interact

slider = widgets.IntSlider(value=3, description="n")
out = widgets.Output()
display(slider, out)
with out:
    print("in the widget")

@interact(n=(1, 9))
def show(n=2):
    print(n * "·")

# %% mean
def mean(x):
    progress = widgets.FloatProgress(max=len(x) or 1)
    display(progress)
    for i, _ in enumerate(x):
        progress.value = i
    slider.value += 1
    with out:
        print("again")
    if len(x) == 0:
        raise ValueError
    return np.mean(x)

# %% after answer
slider.value = 5
progress = widgets.HBox([slider, widgets.Button(description="go")])
progress
