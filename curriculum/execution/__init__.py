"""How the cells of a notebook are run: in a fork of a warm process, in a sandbox, within limits."""

from curriculum.execution.job import Job, Ran, Sign, Stop
from curriculum.execution.run import ExecutionError, close, execute, execute_bytes, share, warm_up
from curriculum.execution.warm import ZygoteError

__all__ = [
    "ExecutionError",
    "Job",
    "Ran",
    "Sign",
    "Stop",
    "ZygoteError",
    "close",
    "execute",
    "execute_bytes",
    "share",
    "warm_up",
]
