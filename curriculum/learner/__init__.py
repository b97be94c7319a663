"""The learner alone: their copies of the notebooks, their log, their page, their check.

In a notebook::

    from curriculum import learner
    learner.begin("gradient_descent", "2_build")
    learner.hints("adam_step", "a question", "a direction", "the key line")
    learner.rate_yourself("explain_gd")
    learner.check_my_work()

Everything that the learner does there is kept in one append-only log, and what is shown about
their progress is computed from it.
"""

from curriculum.learner.check import check_my_work
from curriculum.learner.home import home
from curriculum.learner.lesson import begin
from curriculum.learner.practice import hints, rate_yourself

__all__ = ["begin", "check_my_work", "hints", "home", "rate_yourself"]
