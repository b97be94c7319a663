"""A read-only view of a dictionary is the answer."""

# %% answer
from types import MappingProxyType

answer = MappingProxyType({"bias": "rises", "variance": "falls"})
