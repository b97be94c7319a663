"""Writes files beside the notebook, in folders, in /tmp and at home, and goes elsewhere."""

# %% first
import os, pathlib, pickle, shelve, sqlite3, tempfile
os.makedirs("results/deep", exist_ok=True)
os.chdir("results/deep")

# %% mean
def mean(x):
    pathlib.Path("x.txt").write_text(" ".join(map(str, x)))
    if not pathlib.Path("x.txt").read_text():
        raise ValueError
    with tempfile.NamedTemporaryFile() as file:
        np.save(file, x)
        file.seek(0)
        x = np.load(file)
    return x.mean()

# %% standardise
def standardise(X):
    with open(os.path.expanduser("~/cache.pkl"), "wb") as file:
        pickle.dump(X, file)
    with sqlite3.connect(":memory:") as db:
        db.execute("create table t (x real)")
    with shelve.open("shelf") as shelf:
        shelf["X"] = X
        return (shelf["X"] - X.mean(axis=0)) / X.std(axis=0)

# %% after standardise
os.chdir("/tmp")
