"""A thread goes on behind all cells, printing now and then."""

# %% first
import threading, time

def tick():
    while True:
        print("tick")
        time.sleep(0.02)

threading.Thread(target=tick, daemon=True).start()
timer = threading.Timer(0.05, print, ["late"])
timer.start()

# %% mean
def mean(x):
    time.sleep(0.1)
    if not len(x):
        raise ValueError
    return sum(x) / len(x)
