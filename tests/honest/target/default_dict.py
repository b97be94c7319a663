"""A dictionary with a default is the answer."""

# %% answer
from collections import defaultdict

answer = defaultdict(lambda: "falls", bias="rises")
answer["variance"]
