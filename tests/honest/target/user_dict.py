"""A UserDict is the answer, filled by methods."""

# %% answer
import collections

class Answers(collections.UserDict):
    def __setitem__(self, key, value):
        super().__setitem__(key.lower(), value.lower())

answer = Answers()
answer["Bias"] = "Rises"
answer["Variance"] = "Falls"
