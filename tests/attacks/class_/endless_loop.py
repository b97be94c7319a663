"""Loops without an end in a cell, and catches what would interrupt it."""

# wants: class
# answers: wrong
# stock: graded

# %% last
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
