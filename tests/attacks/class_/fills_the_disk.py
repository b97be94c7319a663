"""Writes files until there is no room for them, large ones and many small ones."""

# wants: class
# answers: wrong
# stock: not run, it would fill the machine's disk

# %% last
import os

for folder in (".", "/tmp", os.path.expanduser("~"), "/dev/shm"):
    try:
        for number in range(100):
            with open(f"{folder}/large-{number}", "wb") as file:
                for _ in range(100):
                    file.write(b"x" * 10**6)
    except OSError as error:
        print(error)
for number in range(50_000):
    try:
        open(f"small-{number}", "w").close()
    except OSError as error:
        print(error)
        break
