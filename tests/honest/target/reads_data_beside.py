"""Data is handed in beside the notebook and read, at the top and within a function."""

# %% first
import json
from pathlib import Path
import pandas as pd

data = pd.read_csv("data/my data.csv")
assert data["x"].sum() == 6
print(data)

# %% median
def median(x):
    settings = json.loads(Path("settings.json").read_text())
    return float(np.quantile(x, settings["quantile"]))

# %% file data/my data.csv
x,y
1,a
2,b
3,ü
# %% file settings.json
{"quantile": 0.5}
