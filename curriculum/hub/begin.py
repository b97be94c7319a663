"""What a room of the class begins with: its own files brought up to date, then JupyterLab.

::

    python -m curriculum.hub.begin [--course] [what jupyterhub-singleuser takes]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str]) -> None:
    """Prepare, then become the server."""
    from jupyterhub.singleuser.extension import main as serve

    words = list(argv)
    home = Path.home()
    if "--course" in words:
        words.remove("--course")
        os.chdir(home / "course")
        words += [f"--ServerApp.root_dir={home / 'course'}"]
    else:
        from curriculum.hub import my_class

        my_class.write_page(home)
        words += [f"--ServerApp.root_dir={home}"]
    # Whoever can reach this port is the hub, which knows who asks.
    words += ["--ServerApp.allow_remote_access=True"]
    sys.argv = ["jupyterhub-singleuser", *words]
    serve()


if __name__ == "__main__":
    main(sys.argv[1:])
