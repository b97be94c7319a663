"""Leaves daemons that hold its streams open and write to them for ever."""

# wants: class
# answers: wrong
# stock: graded

# %% last
import os
import subprocess

for _ in range(5):
    subprocess.Popen(["sh", "-c", "trap '' TERM HUP INT; while :; do echo x; sleep 0.01; done"], start_new_session=True)
