"""Indented with tabs, with trailing spaces, form feeds and blank lines at both ends."""

# %% raw python
def change(notebook):
    cell(notebook, "mean").source = (
        "\n\n\t\n# \x0c\ndef mean(x):\n\tif len(x) == 0:   \n\t\traise ValueError\t\n"
        "\n\t  \n\treturn sum(x) / len(x)   \n\n\n\n\n"
    )
    cell(notebook, "median").source += "\n \n\t\n"
    cell(notebook, "answer").source = "answer = {\n'bias':\n'rises',\n\n\n'variance'\n:'falls'}"
