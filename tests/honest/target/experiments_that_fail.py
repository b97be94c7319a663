"""Cells of its own end in errors: an exception, an exit, an assertion, a name that is missing."""

# %% first
1 / 0

# %% before mean
raise SystemExit("enough")

# %% after mean
mean([])

# %% before answer
exit()

# %% before descend
undefined_name + 1

# %% after median_test
assert False, "I was here"

# %% last
raise KeyboardInterrupt
