"""The class is made by `type`, with a metaclass, attributes on demand and a lock."""

# %% RunningMean
import threading

class Meta(type):
    made = []

    def __call__(cls, *args, **kwargs):
        new = super().__call__(*args, **kwargs)
        Meta.made.append(new)
        return new

def _init(self):
    self.lock, self.n, self.total = threading.Lock(), 0, 0.0

def _update(self, x):
    with self.lock:
        self.n, self.total = self.n + 1, self.total + x

def _getattr(self, name):
    if name == "value":
        return self.total / self.n
    raise AttributeError(name)

RunningMean = Meta("RunningMean", (), {"__init__": _init, "update": _update, "__getattr__": _getattr})
