"""The class has slots, properties, descriptors and class methods."""

# %% RunningMean
class NonNegative:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, obj, owner=None):
        return self if obj is None else getattr(obj, self.name, 0)

    def __set__(self, obj, value):
        if value < 0:
            raise ValueError
        setattr(obj, self.name, value)

class RunningMean:
    __slots__ = ("_count", "_total")
    count = NonNegative()

    def __init__(self):
        self._total = 0.0

    @property
    def value(self) -> float:
        return self._total / self.count if self.count else 0.0

    @classmethod
    def of(cls, numbers):
        new = cls()
        for number in numbers:
            new.update(number)
        return new

    def update(self, x):
        self.count, self._total = self.count + 1, self._total + x
