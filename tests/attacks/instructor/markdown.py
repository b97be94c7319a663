"""Writes scripts into Markdown: HTML, addresses, attachments, formulae, fences, headings."""

# wants: instructor
# answers: wrong
# stock: graded

# %% last [markdown]
# # <script>alert('pwned-by-a-student')</script>
#
# <img src=x onerror="alert('pwned-by-a-student')">
#
# [grade](javascript:alert('pwned-by-a-student')) ![x](https://example.com/pwned-by-a-student)
#
# $$\href{javascript:alert('pwned-by-a-student')}{x} \unicode{<script>alert('pwned-by-a-student')</script>}$$
#
# $x<img src=x onerror="alert('pwned-by-a-student')">$
#
# ```"><script>alert('pwned-by-a-student')</script>
# x
# ```
#
# ![x](attachment:x.svg)
#
# <https://example.com/"onmouseover="alert('pwned-by-a-student')>
#
# [x]: data:text/html,<script>alert('pwned-by-a-student')</script>
# [x]

# %% raw python
def change(notebook):
    import base64

    svg = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg' onload=\"alert('pwned-by-a-student')\"/>").decode()
    notebook.cells[-1]["attachments"] = {"x.svg": {"image/svg+xml": svg}, "\"><script>alert('pwned-by-a-student')</script>": {"text/plain": "x"}}
    notebook.cells.append(v4.new_raw_cell("<script>alert('pwned-by-a-student')</script>", metadata={"raw_mimetype": "text/html", "format": "text/html"}))
