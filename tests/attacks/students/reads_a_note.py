"""Looks for what another student's notebook may have left, in the same places."""

# wants: students
# answers: wrong
# stock: graded

# %% last
import glob
import os
import socket
import time
from multiprocessing import shared_memory

places = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/run/lock", "/dev/mqueue", os.path.expanduser("~"), "..", "../..", "/notebooks")
for _ in range(5):
    for folder in places:
        for path in glob.glob(os.path.join(folder, "*pwned*")) + glob.glob(os.path.join(folder, "*/*pwned*")):
            try:
                print(path, open(path, "rb").read(100))
            except OSError as error:
                print(error)
    time.sleep(0.2)
try:
    print(bytes(shared_memory.SharedMemory("pwned-by-a-student").buf))
except OSError as error:
    print(error)
