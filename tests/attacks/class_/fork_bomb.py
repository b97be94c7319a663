"""Forks processes that fork processes, and starts threads."""

# wants: class
# answers: wrong
# stock: not run, it would fill the machine's table of processes

# %% last
import os
import threading
import time

for _ in range(1000):
    try:
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
    except RuntimeError:
        break
try:
    for _ in range(12):
        os.fork()
except OSError:
    pass
time.sleep(2)
