"""Ends the cell before a test with an open string, a magic and a line that goes on."""

# wants: points
# answers: wrong
# stock: graded

# %% before mean_test
get_ipython().run_line_magic("reset", "-f")

# %% before descend_test
get_ipython().input_transformer_manager.check_complete("'''")
x = """
assert False
"""; \

# %% before median_test
get_ipython().set_next_input("4.0", replace=True)
get_ipython().run_line_magic("autocall", "2")
get_ipython().run_line_magic("alias_magic", "from time")
