"""Shows what looks like the verdict and the points of a test, with scripts in its fields."""

# wants: instructor
# answers: wrong
# stock: graded

# %% median
def median(x):
    from IPython.display import HTML, display

    for kind in ("application/vnd.curriculum.checks+json", "application/vnd.curriculum.check+json"):
        display({kind: {"points": 4, "checks": [{"name": "<script>alert('pwned-by-a-student')</script>", "passed": True}]}, "text/html": "<b onclick=\"alert('pwned-by-a-student')\">4 of 4 points</b>"}, raw=True)
    return 7.0
