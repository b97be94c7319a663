"""What a graded notebook may use, and what its student is told when it wants more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

CELL_TIME = "cell_time"
CALL_TIME = "call_time"
NOTEBOOK_TIME = "notebook_time"
CPU_TIME = "cpu_time"
MEMORY = "memory"
PROCESSES = "processes"
DISK = "disk"
OUTPUT = "output"
DIED = "died"
NOT_RUN = "not_run"
MALFORMED = "malformed"


@dataclass(frozen=True)
class Limits:
    """What one notebook may use.

    Parameters
    ----------
    cell_seconds, call_seconds, notebook_seconds : float
        By the clock on the wall; a call is a test's, of something that the student wrote.
    cpu_seconds : float
        Of all processes of the notebook together.
    memory_mb : int
        Beyond what the warm process had when the notebook began; swap counts.
    processes : int
        Processes and threads together, the kernel itself among them.
    file_mb : int
        Of one file.
    disk_mb : int
        Of the scratch folder, the home folder, /tmp and /dev/shm together.
    output_mb : float
        Kept of one cell's output; what is beyond is dropped, and the cell goes on.
    """

    cell_seconds: float = 120
    call_seconds: float = 30
    notebook_seconds: float = 600
    cpu_seconds: float = 600
    memory_mb: int = 2048
    processes: int = 64
    file_mb: int = 256
    disk_mb: int = 512
    output_mb: float = 4

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
                raise ValueError(f"The limit {field.name} must be a number above 0, not {value!r}.")

    def as_dict(self) -> dict[str, Any]:
        """Give plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Limits:
        """Read what `as_dict` gave; a limit that is missing has its default.

        Raises
        ------
        ValueError
            A name is no limit, or a value no number above 0.
        """
        unknown = sorted(set(plain) - {field.name for field in fields(cls)})
        if unknown:
            raise ValueError(f"There is no limit named {', '.join(unknown)}.")
        return cls(**plain)


def _seconds(number: float) -> str:
    """Write a duration as people say it: "2 minutes", "90 seconds"."""
    if number >= 120 and number % 60 == 0:
        return f"{number / 60:g} minutes"
    return f"{number:g} second{'' if number == 1 else 's'}"


def _size(megabytes: float) -> str:
    return f"{megabytes:,g} MB" if megabytes < 1e6 else f"{megabytes:,.0f} MB"


SENTENCES: dict[str, Callable[[Limits], str]] = {
    CELL_TIME: lambda most: (
        f"This cell ran for {_seconds(most.cell_seconds)} and was stopped:"
        " look for a loop that never ends."
    ),
    CALL_TIME: lambda most: (
        f"It was still running after {_seconds(most.call_seconds)} and was stopped:"
        " look for a loop that never ends."
    ),
    NOTEBOOK_TIME: lambda most: (
        f"The notebook had run for {_seconds(most.notebook_seconds)} when this cell was stopped:"
        " look for the cells that take long."
    ),
    CPU_TIME: lambda most: (
        f"The notebook had used {_seconds(most.cpu_seconds)} of processor time when this cell was"
        " stopped: look for a loop that never ends, or for more work than the exercise needs."
    ),
    MEMORY: lambda most: (
        f"This cell needed more than {_size(most.memory_mb)} of memory and was stopped:"
        " look for an array that is larger than you meant."
    ),
    PROCESSES: lambda most: (
        f"This cell started more than {most.processes} processes and threads and was stopped."
    ),
    DISK: lambda most: (
        f"This cell wrote more than {_size(most.disk_mb)} of files (at most"
        f" {_size(most.file_mb)} in one of them) and was stopped."
    ),
    OUTPUT: lambda most: (
        f"This cell printed more than {_size(most.output_mb)}: what came after that was left out."
    ),
    DIED: lambda most: (
        "The kernel died while this cell ran, and everything that it had computed is lost."
    ),
    NOT_RUN: lambda most: "This cell was not run: the notebook had been stopped before it.",
    MALFORMED: lambda most: (
        "This cell's answer could not be read: something in the notebook wrote into the kernel's"
        " own connection, and the notebook was stopped."
    ),
}
"""Kind of stop → the one sentence that a student is told."""

KINDS = tuple(SENTENCES)


def sentence(kind: str, limits: Limits) -> str:
    """Give the sentence for a stop of this kind under these limits."""
    return SENTENCES[kind](limits)
