"""nbgrader's exchange where it meets what students put there: collecting and listing.

The folder that students hand in to is one that anybody can write to. What lies there is looked at
piece by piece, refused with a sentence where it is not what `nbgrader submit` makes, and copied
without following anything; one that is refused stops no other.
"""

from curriculum.grading.exchange.collect import ExchangeCollect, Refusal
from curriculum.grading.exchange.listing import ExchangeList

__all__ = ["ExchangeCollect", "ExchangeList", "Refusal"]
