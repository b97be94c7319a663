"""Changes how libraries print and compute for itself, and puts its own tracebacks in place."""

# %% first
import numpy as np, sys, warnings
warnings.showwarning = lambda *args, **kwargs: print("warned")
warnings.formatwarning = lambda *args, **kwargs: "w\n"
sys.excepthook = lambda *args: None
sys.displayhook = lambda value: None
np.mean_ = np.mean
np.mean = lambda *args, **kwargs: np.mean_(*args, **kwargs)

def no_traceback(self, etype, value, tb, tb_offset=None):
    print("oops", value)

get_ipython().set_custom_exc((ZeroDivisionError,), no_traceback)
get_ipython().display_formatter.formatters["text/plain"].for_type(float, lambda v, p, c: p.text("~"))

# %% mean
def mean(x):
    warnings.warn("hm")
    if len(x) == 0:
        raise ValueError
    return np.mean(x)

# %% before answer
1 / 0
