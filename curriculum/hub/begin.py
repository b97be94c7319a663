"""What a room of the class begins with: its own files brought up to date, then JupyterLab.

::

    python -m curriculum.hub.begin [--course] [what jupyterhub-singleuser takes]
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str]) -> None:
    """Prepare, then become the server."""
    from jupyterhub.singleuser.extension import main as serve

    words = list(argv)
    home = Path.home()
    if "--course" in words:
        words.remove("--course")
        _end_with_the_hub()
        # A shell's background has them ignored, and so would kernels and terminals.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
        from curriculum.hub import teach

        os.chdir(home / "course")
        teach.write_page(home / "course")
        words += [f"--ServerApp.root_dir={home / 'course'}"]
    else:
        from curriculum.hub import my_class

        my_class.write_page(home)
        words += [f"--ServerApp.root_dir={home}"]
    # Whoever can reach this port is the hub, which knows who asks.
    words += ["--ServerApp.allow_remote_access=True"]
    sys.argv = ["jupyterhub-singleuser", *words]
    serve()


def _end_with_the_hub() -> None:
    """End when the process that started this one has: a hub that was killed stops no service."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1:])
