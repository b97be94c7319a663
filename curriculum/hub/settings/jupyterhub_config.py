"""JupyterHub's configuration of a class; `curriculum hub start` says of which."""

import os
from pathlib import Path

from curriculum.hub import config
from curriculum.hub.folder import Class

c = get_config()  # type: ignore[name-defined]

config.into(c, Class(Path(os.environ["CURRICULUM_CLASS"])))
