"""Has the instructor's terminal shown control characters, by names and by errors."""

# wants: instructor
# answers: wrong
# stock: graded

# %% file tab	new.txt
x

# %% raw python
def change(notebook):
    notebook.cells[0]["cell_type"] = "\x1b]0;pwned\x07\x1b[2J"
    notebook["nbformat"] = "\x1b[31m4"


def arrange(folder):
    import os

    os.mkfifo(folder / "\x1b]0;pwned\x07\x1b[2J\r\n20 of 20 points")
    (folder / "\x1b[1A\u202egnp.txt").write_text("x")
