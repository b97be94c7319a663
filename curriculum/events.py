"""Something happened: the one way in which lower rooms tell upper rooms.

Checks and widgets emit; the learner's log listens. Nobody listening means that nothing happens,
which is how notebooks run while they are being graded.

>>> heard = []
>>> stop = subscribe(lambda kind, fields: heard.append((kind, fields)))
>>> emit("check", exercise="step", points=2.0)
>>> stop()
>>> emit("check", exercise="step", points=3.0)
>>> heard
[('check', {'exercise': 'step', 'points': 2.0})]
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

Listener = Callable[[str, dict[str, Any]], None]

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_listeners: list[Listener] = []


def subscribe(listener: Listener) -> Callable[[], None]:
    """Call `listener(kind, fields)` for every event from now on.

    Parameters
    ----------
    listener : callable
        Takes the kind (a string) and the fields (a dict of its own, which it may keep).

    Returns
    -------
    callable
        Takes no argument and ends the subscription; calling it again does nothing.
    """
    with _lock:
        _listeners.append(listener)

    def unsubscribe() -> None:
        with _lock:
            for position, known in enumerate(_listeners):
                if known is listener:
                    del _listeners[position]
                    return

    return unsubscribe


def emit(kind: str, **fields: Any) -> None:
    """Tell every listener that an event of this kind happened.

    A listener's error is logged at debug level and goes no further: a broken log must not break
    the lesson, and anything on stderr in a test cell would cost the learner its points.
    """
    with _lock:
        listeners = list(_listeners)
    for listener in listeners:
        try:
            listener(kind, dict(fields))
        except Exception:
            _log.debug("listener %r failed on %r", listener, kind, exc_info=True)
