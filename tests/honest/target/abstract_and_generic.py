"""The class inherits from an abstract, generic base, a protocol and a metaclass."""

# %% RunningMean
from __future__ import annotations
from abc import ABC, abstractmethod
from typing import Generic, Protocol, TypeVar, runtime_checkable

T = TypeVar("T", bound=float)

@runtime_checkable
class Updates(Protocol):
    def update(self, x: float) -> object: ...

class Base(ABC, Generic[T]):
    @abstractmethod
    def update(self, x: T) -> Base[T]: ...

class RunningMean(Base[float]):
    def __init__(self) -> None:
        self.numbers: list[float] = []

    @property
    def value(self) -> float:
        return sum(self.numbers) / len(self.numbers)

    def update(self, x: float) -> RunningMean:
        self.numbers += [x]
        return self

assert isinstance(RunningMean(), Updates)
