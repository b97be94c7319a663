"""Write constraints.txt: the newest versions that pyproject.toml allows, for all extras.

Asks pip to resolve them and installs nothing. Run the whole test suite afterwards: what is
pinned is what was tested.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = "cluster,dev,fuzz,hub,postgres"
HEADER = """\
# The tested set: `make lab` and `make test` install these versions.
# Written by `make constraints`; the bounds are in pyproject.toml.
"""


def main() -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    command += ["--report", "-", f"{ROOT}[{EXTRAS}]"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    versions = {p["metadata"]["name"].lower(): p["metadata"]["version"] for p in report["install"]}
    versions.pop("ml-interview-curriculum")
    pins = [f"{name}=={v.split('+')[0]}" for name, v in sorted(versions.items())]
    (ROOT / "constraints.txt").write_text(HEADER + "\n".join(pins) + "\n")
    print(f"{len(pins)} packages pinned in constraints.txt")


if __name__ == "__main__":
    main()
