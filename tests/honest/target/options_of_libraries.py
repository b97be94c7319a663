"""Options of NumPy, pandas, Matplotlib and PyTorch are set, and the locale."""

# %% first
import locale, os, time
import numpy as np, pandas as pd, matplotlib, matplotlib.pyplot as plt, torch
np.set_printoptions(precision=1, suppress=True, threshold=3, formatter={"float": "{:.0f}".format})
pd.set_option("display.float_format", "{:.1f}".format)
plt.style.use("ggplot")
plt.rcParams.update({"figure.figsize": (12, 6), "text.usetex": False})
matplotlib.use("agg")
torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)
torch.set_printoptions(sci_mode=True)
locale.setlocale(locale.LC_ALL, "C")
os.environ["TZ"] = "Asia/Kathmandu"
time.tzset()

# %% standardise
def standardise(X):
    X = torch.from_numpy(X)
    return ((X - X.mean(0)) / X.std(0, correction=0)).numpy()

# %% mean
def mean(x):
    if len(x) == 0:
        raise ValueError
    return torch.tensor([*x]).mean().item()
