"""Cells below a test use what the test defined, as JupyterLab allows."""

# %% after standardise_test
print(X.mean(axis=0), before.shape)

# %% RunningMean
import numpy as np

class RunningMean:
    def __init__(self):
        self.values = np.empty(0)

    def update(self, x):
        self.values = np.append(self.values, x)

    @property
    def value(self):
        return self.values @ np.ones_like(self.values) / len(self.values)
