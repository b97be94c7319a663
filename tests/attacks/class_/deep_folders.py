"""Hands in folders within folders, and a thousand files."""

# wants: class
# answers: wrong
# stock: graded

# %% raw python
def arrange(folder):
    inner = folder
    for _ in range(60):
        inner = inner / "deeper"
    inner.mkdir(parents=True)
    (inner / "x.txt").write_text("x")
    for number in range(1000):
        (folder / f"{number}.txt").write_text("x")
