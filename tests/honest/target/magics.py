"""Magics of every kind, also within answers."""

# %% first
# %load_ext autoreload
# %autoreload 2
# %matplotlib inline
# %config InlineBackend.figure_format = "retina"
# %config IPCompleter.greedy = True
# %precision 3
# %xmode Minimal
# %env HOMEWORK=1
# %who
# !ls -la
files = get_ipython().getoutput("ls")

# %% mean
# %time import numpy as np

def mean(x):
    if len(x) == 0:
        raise ValueError
    return np.mean(x)

# %timeit -n 1 -r 1 mean([1.0])

# %% median
# %%time
def median(x):
    return np.median(x)

# %% before answer
# %%capture output
print("hidden")
display(1)

# %% after answer
# %%bash
true
# %% after answer
# %%html
# <b>bold</b>
# %% after answer
# %history -n
# %lsmagic
