"""Figures, widgets and tables are shown, within functions too; one figure is left open."""

# %% mean_square
import ipywidgets
import matplotlib.pyplot as plt
from IPython.display import HTML

def mean_square(x):
    fig, ax = plt.subplots()
    ax.plot(x)
    plt.show()
    display(HTML("<i>m</i>"), ipywidgets.FloatSlider(value=1.5))
    return float(np.mean(np.square(x)))

plt.plot([1, 2])
