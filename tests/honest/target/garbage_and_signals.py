"""Garbage collection is off; an alarm is set and cancelled within a function; hooks at exit."""

# %% first
import atexit, faulthandler, gc, signal, sys
gc.disable()
gc.set_threshold(10, 1, 1)
atexit.register(print, "bye")
faulthandler.enable(sys.__stderr__)

# %% mean
def mean(x):
    def too_late(number, frame):
        raise TimeoutError
    before = signal.signal(signal.SIGALRM, too_late)
    signal.alarm(5)
    try:
        if len(x) == 0:
            raise ValueError
        return np.mean(x)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)

# %% after mean
gc.collect()
signal.signal(signal.SIGALRM, signal.SIG_IGN)
signal.setitimer(signal.ITIMER_REAL, 0.01)
