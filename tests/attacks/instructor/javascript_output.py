"""Shows outputs of the types that a browser runs: JavaScript, SVG, widgets, LaTeX, Vega."""

# wants: instructor
# answers: wrong
# stock: graded

# %% last
from IPython.display import SVG, Javascript, Latex, display

display(Javascript("alert('pwned-by-a-student')"))
display({"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' onload=\"alert('pwned-by-a-student')\"><script>alert('pwned-by-a-student')</script></svg>"}, raw=True)
display({"text/latex": "</span><script>alert('pwned-by-a-student')</script>"}, raw=True)
display({"text/markdown": "<img src=x onerror=\"alert('pwned-by-a-student')\">\n\n[x](javascript:alert('pwned-by-a-student'))"}, raw=True)
display({"image/png": "\"><script>alert('pwned-by-a-student')</script>"}, raw=True)
display({"image/jpeg": "x\" onerror=\"alert('pwned-by-a-student')", "text/plain": ""}, raw=True)
display({"application/vnd.vegalite.v5+json": {"$schema": "</script><script>alert('pwned-by-a-student')</script>"}}, raw=True)
display({"text/html": "x", "text/plain": "x"}, metadata={"text/html": {"width": "\"><script>alert('pwned-by-a-student')</script>"}}, raw=True)
display({"image/png": "iVBORw0KGgo="}, metadata={"image/png": {"width": "1\" onerror=\"alert('pwned-by-a-student')", "alt": "\"><script>alert('pwned-by-a-student')</script>"}}, raw=True)
