"""Kills, stops and confuses the processes above it."""

# wants: class
# answers: wrong
# stock: graded

# %% last
import os
import signal

for _ in range(3):
    for pid in (os.getppid(), 1, os.getpgid(0), -os.getpgid(0)):
        for number in (signal.SIGSTOP, signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
            if pid not in (0, os.getpid(), -os.getpgid(0)):
                try:
                    os.kill(pid, number)
                except OSError as error:
                    print(pid, number, error.strerror)
