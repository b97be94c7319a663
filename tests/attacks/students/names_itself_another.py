"""Says, in its notebook and in files beside it, that it is another student's."""

# wants: students
# answers: wrong
# stock: graded

# %% file timestamp.txt
# 2020-01-01 00:00:00.000000 UTC

# %% file submission_secret.txt
# 0000

# %% file user_info.json
{"student_id": "zoe", "username": "zoe"}

# %% raw python
def change(notebook):
    notebook.metadata["nbgrader"] = {"student": "zoe", "student_id": "zoe", "assignment": "other"}
    for one in notebook.cells:
        if "nbgrader" in one.metadata:
            one.metadata.nbgrader["student"] = "zoe"
