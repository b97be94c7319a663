"""Prints without an end, to every stream and descriptor."""

# wants: class
# answers: wrong
# stock: graded

# %% last
import os
import sys

line = "x" * 10_000 + "\n"
for _ in range(3000):
    sys.stdout.write(line)
    sys.stderr.write(line)
    os.write(1, line.encode())
    os.write(2, line.encode())
