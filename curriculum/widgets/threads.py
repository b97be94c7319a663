"""One thread for everything that draws.

JupyterLab sends what a page's widgets say to a *subshell* of the kernel, which is a thread of its
own, so that widgets answer while a cell runs. Matplotlib must not be used by two threads at once:
pictures come out with letters drawn twice and axes missing, in the widget or in a figure that the
learner draws at that moment. So a widget that has heard something hands the work to the kernel's
main thread, which does it between cells.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["on_main"]


def on_main(work: Callable[[], object]) -> None:
    """Do some work in the kernel's main thread: at once if this is it, otherwise soon.

    Outside of a kernel there is nobody to hand it to; it is done at once.
    """
    from IPython import get_ipython

    loop = getattr(getattr(get_ipython(), "kernel", None), "io_loop", None)
    if loop is None or threading.current_thread() is threading.main_thread():
        work()
    else:
        loop.add_callback(work)
