"""A line of thirty thousand characters, a table of a thousand rows, and a deep expression."""

# %% raw python
def change(notebook):
    table = "[" + ", ".join(map(str, range(6_000))) + "]"
    rows = "{\n" + "".join(f"    {n}: 'row {n}',\n" for n in range(1_000)) + "}"
    cell(notebook, "median").source += f"\ntable = {table}\nrows = {rows}\n"
    cell(notebook, "answer").source += "\nnumber = " + "(" * 80 + "1" + ")" * 80
    cell(notebook, "mean").source += "\n" + "x = 1\n" * 500
