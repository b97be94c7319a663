"""Leaves text for the next student in every place that may outlive its notebook."""

# wants: students
# answers: wrong
# stock: graded

# %% last
import os
import socket
from multiprocessing import shared_memory

note = "left-77d5e0"
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/run/lock", "/dev/mqueue", os.path.expanduser("~"), "..", "../..", "/proc/self/cwd/../..", "/notebooks"):
    try:
        with open(os.path.join(folder, "pwned-by-a-student-note"), "w") as file:
            file.write(note)
        os.chmod(file.name, 0o666)
    except OSError as error:
        print(folder, error.strerror)
try:
    kept = shared_memory.SharedMemory("pwned-by-a-student", create=True, size=100)
    kept.buf[: len(note)] = note.encode()
    from multiprocessing import resource_tracker

    resource_tracker.unregister(kept._name, "shared_memory")
except OSError as error:
    print(error)
