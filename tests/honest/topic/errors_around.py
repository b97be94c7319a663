"""Cells of its own fail around right answers: an exception, an exit, a check of one's own."""

# %% first
raise RuntimeError("an experiment")

# %% before step
1 / 0

# %% after step
checks.equal(1, 2)

# %% before count_above
import sys
sys.exit(1)

# %% last
step(1)
