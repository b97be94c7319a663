"""What a learner's log says about where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from curriculum.learner.log import Event, Log


@dataclass(frozen=True)
class Standing:
    """How far a learner is with one notebook; points are the best that was earned."""

    opened: datetime | None
    checked: datetime | None
    points: float
    max_points: float
    rated: int

    @property
    def state(self) -> str:
        """Name the state in one or two words.

        A notebook that only people can judge is done when its answers were checked in, none of
        them empty, and the learner has rated one.
        """
        if self.checked is None:
            return "started" if self.opened else "not started"
        judged = self.max_points > 0 or self.rated > 0
        return "done" if judged and self.points >= self.max_points else "in progress"


def standing(log: Log, topic: str, notebook: str) -> Standing:
    """Compute where a learner stands with a notebook, from the log and nothing else."""
    opened = log.events("opened", topic=topic, notebook=notebook)
    graded = log.events("graded", topic=topic, notebook=notebook)
    rated = log.events("rating", topic=topic, notebook=notebook)
    best, most = _best_points(graded)
    return Standing(
        opened=opened[0].time if opened else None,
        checked=graded[-1].time if graded else None,
        points=sum(best.values()),
        max_points=sum(most.values()),
        rated=len({event.exercise for event in rated}),
    )


def _best_points(graded: list[Event]) -> tuple[dict[str, float], dict[str, float]]:
    """Take each exercise's best points; only the last check says which exercises there are."""
    best: dict[str, float] = {}
    most: dict[str, float] = {}
    last = graded[-1].data.get("attempt") if graded else None
    for event in graded:
        points = event.data.get("points")
        if points is None:
            continue
        best[event.exercise] = max(best.get(event.exercise, 0.0), float(points))
        if event.data.get("attempt") == last:
            most[event.exercise] = float(event.data["max_points"])
    return {exercise: min(best[exercise], most[exercise]) for exercise in most}, most
