"""Writes markup into code, comments, printed text, colours of the terminal and the words of
errors."""

# wants: instructor
# answers: wrong
# stock: graded

# %% mean
# </pre></div><script>alert('pwned-by-a-student')</script>
def mean(x):
    raise ValueError("</pre><script>alert('pwned-by-a-student')</script>\x1b[31m<img src=x onerror=\"alert('pwned-by-a-student')\">\x1b]8;;javascript:alert('pwned-by-a-student')\x07x\x1b]8;;\x07")

# %% median
def median(x):
    print("</pre><script>alert('pwned-by-a-student')</script>")
    raise type("<script>alert('pwned-by-a-student')</script>", (Exception,), {})("</script><script>alert('pwned-by-a-student')</script>")

# %% last
import sys

print("\x1b[38;5;1\"><script>alert('pwned-by-a-student')</script>m\x1b[0m</pre><script>alert('pwned-by-a-student')</script>")
print("<script>alert('pwned-by-a-student')</script>", file=sys.stderr)
