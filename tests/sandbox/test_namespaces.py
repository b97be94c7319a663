"""The first process of a notebook's world needs no file when those that follow hide them all."""

import os
import subprocess
import sys

import pytest

from curriculum.sandbox import levels
from curriculum.sandbox.plan import NAMESPACES

pytestmark = pytest.mark.sandbox

SLOW = "#!/bin/sh\n/bin/sleep 0.5\nexec /bin/cat\n"
STARTED = """
from pathlib import Path
from curriculum.sandbox import namespaces

namespaces.shutil.which = lambda *where, **more: "{slow}"
namespaces.leave({user})
first, lifeline = namespaces.start_first(())
print(Path(f"/proc/{{first}}/comm").read_text(), end="")
"""


def test_the_first_process_has_loaded_when_it_is_said_to_have_started(tmp_path):
    if levels.probe().level != NAMESPACES:
        pytest.skip("this machine gives no namespaces")
    slow = tmp_path / "slow"
    slow.write_text(SLOW)
    slow.chmod(0o755)
    program = STARTED.format(slow=slow, user=31337 if os.geteuid() == 0 else None)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "cat\n", done.stderr
