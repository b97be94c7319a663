"""Objects with finalisers, weak references and cycles come and go."""

# %% RunningMean
import weakref

class RunningMean:
    alive = weakref.WeakSet()

    def __init__(self):
        RunningMean.alive.add(self)
        self.me, self.n, self.value = self, 0, 0.0
        weakref.finalize(self, print, "gone")

    def __del__(self):
        print("deleted")

    def update(self, x):
        self.n += 1
        self.value += (x - self.value) / self.n
        return weakref.proxy(self)
