"""Takes memory until there is none, in its process, in children and in shared memory."""

# wants: class
# answers: wrong
# stock: not run, it would take all memory of the machine

# %% last
import os

held = []
try:
    while True:
        held.append(bytearray(b"x" * 10**8))
except MemoryError:
    held.clear()
for _ in range(8):
    if os.fork() == 0:
        try:
            held = bytearray(b"x" * 3 * 10**8)
            import time

            time.sleep(30)
        finally:
            os._exit(0)
with open("/dev/shm/x", "wb") as file:
    while True:
        file.write(b"x" * 10**7)
