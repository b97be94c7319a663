"""The class is a dataclass here; other answers are closures over shared state."""

# %% RunningMean
from dataclasses import dataclass, field

@dataclass(slots=True, order=True, kw_only=True)
class RunningMean:
    count: int = 0
    value: float = 0.0
    seen: list = field(default_factory=list, repr=False, compare=False)

    def update(self, x: float):
        self.seen.append(x)
        self.count += 1
        self.value = self.value + (x - self.value) / self.count

# %% mean
def make():
    calls = 0

    def mean(x):
        nonlocal calls
        calls += 1
        if not len(x):
            raise ValueError(f"call {calls} without numbers")
        return sum(x) / len(x)

    return mean

mean = make()
