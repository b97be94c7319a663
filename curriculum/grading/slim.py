"""Read a notebook from standard input and write it without outputs.

A process of its own, because what a notebook of 100 MB becomes in memory is up to who made it.
"""

from __future__ import annotations

import json
import resource
import sys

from curriculum.grading.intake import Unreadable, parse, without_outputs

MEMORY = 3_000_000_000


def main() -> None:
    """Do it, within limits; the reason why not goes to standard error."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        plain = without_outputs(parse(sys.stdin.buffer.read()))
    except Unreadable as error:
        sys.exit(str(error))
    except MemoryError:
        sys.exit("is too large to read")
    sys.stdout.buffer.write(json.dumps(plain).encode())


if __name__ == "__main__":
    main()
