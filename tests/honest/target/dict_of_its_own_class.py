"""A subclass of dict is the answer, with attributes for keys."""

# %% answer
class Bunch(dict):
    """A dict whose items are attributes."""

    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__

answer = Bunch(bias="rises")
answer.variance = "falls"
