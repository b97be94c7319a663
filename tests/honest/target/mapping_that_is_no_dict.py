"""A chain of mappings is the answer."""

# %% answer
from collections import ChainMap

answer = ChainMap({"variance": "falls"}, {"bias": "rises", "variance": "rises"})
