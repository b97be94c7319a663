"""An ordered dictionary is the answer, as before Python 3.7."""

# %% answer
from collections import OrderedDict

answer = OrderedDict([("bias", "rises"), ("variance", "falls")])
