"""JupyterLab as this curriculum opens it.

`start`      prepares a learner's folder and runs JupyterLab.
`extension/` a small JupyterLab extension: cells tagged `on_open` run when a notebook opens.
`settings/`  JupyterLab's settings that differ from its own defaults.
"""

from curriculum.lab.start import LabError, prepare, start

__all__ = ["LabError", "prepare", "start"]
