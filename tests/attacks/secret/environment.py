"""Prints the environment, its own and that of every process that it can see."""

# wants: secret
# answers: wrong
# stock: graded

# %% last
import glob
import os

print(dict(os.environ))
for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline") + glob.glob("/proc/*/task/*/environ"):
    try:
        print(path, open(path, "rb").read().decode(errors="replace"))
    except OSError:
        pass
