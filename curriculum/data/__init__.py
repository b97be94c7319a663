"""Real data sets, loaded from packages that are installed with the curriculum: no download.

>>> from curriculum import data
>>> data.wine().shape
(178, 14)

Every loader returns a fresh frame, so that nothing a lesson does to it reaches the next lesson, and
compares its content with what the lessons were written for: a figure quoted in the text is then a
figure about the data on screen.
"""

from curriculum.data.tables import breast_cancer, wine
from curriculum.data.verify import DataError

__all__ = ["DataError", "breast_cancer", "wine"]
