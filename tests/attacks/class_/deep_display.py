"""Shows JSON that is nested too deeply for whoever reads, copies or writes it."""

# wants: class
# answers: wrong
# stock: graded

# %% last
from IPython.display import display

deep = []
for _ in range(900):
    deep = [deep]
display({"application/json": deep}, raw=True)
display({"application/vnd.x+json": {"a" * 10**6: {str(n): n for n in range(10**5)}}}, raw=True)
