"""Sleeps, stops itself and waits for input that nobody types."""

# wants: class
# answers: wrong
# stock: graded

# %% last
import os
import signal

try:
    input("points? ")
except BaseException as error:
    print(type(error).__name__)
try:
    breakpoint()
except BaseException as error:
    print(type(error).__name__)
os.kill(os.getpid(), signal.SIGSTOP)
