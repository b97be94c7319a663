"""Puts markup into ids, tags, names of files and metadata that pages and commands show."""

# wants: instructor
# answers: wrong
# stock: graded

# %% file "><script>alert('pwned-by-a-student').txt
x

# %% raw python
def change(notebook):
    for number, one in enumerate(notebook.cells):
        one.metadata["tags"] = ["\"><script>alert('pwned-by-a-student')</script>"]
        one.metadata["name"] = "<img src=x onerror=\"alert('pwned-by-a-student')\">"
        one.metadata["slideshow"] = {"slide_type": "\" onclick=\"alert('pwned-by-a-student')"}
    notebook.cells[0]["id"] = "\"><script>alert('pwned-by-a-student')</script>"
    notebook.metadata["language_info"] = {"name": "\"><script>alert('pwned-by-a-student')</script>", "pygments_lexer": "x\"><script>alert('pwned-by-a-student')</script>", "codemirror_mode": "x"}
    notebook.metadata["kernelspec"]["display_name"] = "<script>alert('pwned-by-a-student')</script>"
