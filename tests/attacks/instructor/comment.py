"""Writes markup where nbgrader makes comments of it, and into answers that were left as they
are."""

# wants: instructor
# answers: wrong
# stock: graded

# %% mean
raise NotImplementedError("<script>alert('pwned-by-a-student')</script>")

# %% descend
# YOUR CODE HERE <script>alert('pwned-by-a-student')</script>
raise NotImplementedError()
