"""Closes the script that holds the widgets' state in a page, with a state of its own."""

# wants: instructor
# answers: wrong
# stock: graded

# %% last
import ipywidgets
from IPython.display import display

display(ipywidgets.HTML("</script><script>alert('pwned-by-a-student')</script>"))
display(ipywidgets.Text(description="</script><img src=x onerror=\"alert('pwned-by-a-student')\">"))

# %% raw python
def change(notebook):
    state = {"</script><script>alert('pwned-by-a-student')</script>": {"model_name": "x"}}
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": state, "version_major": 2, "version_minor": 0}}
    notebook.metadata["title"] = "</title><script>alert('pwned-by-a-student')</script>"
    notebook.metadata["authors"] = [{"name": "<script>alert('pwned-by-a-student')</script>"}]
