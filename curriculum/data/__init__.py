"""Real data sets, loaded from packages that are installed with the curriculum: no download.

>>> from curriculum import data
>>> data.wine().shape
(178, 14)

Every loader returns a fresh frame, so that nothing a lesson does to it reaches the next lesson, and
compares its content with what the lessons were written for: a figure quoted in the text is then a
figure about the data on screen.
"""

from curriculum.data.films import movielens_movies, movielens_ratings
from curriculum.data.regression import ames, hitters
from curriculum.data.reviews import film_snippets, food_reviews
from curriculum.data.tables import breast_cancer, wine
from curriculum.data.verify import DataError

__all__ = [
    "DataError",
    "ames",
    "breast_cancer",
    "film_snippets",
    "food_reviews",
    "hitters",
    "movielens_movies",
    "movielens_ratings",
    "wine",
]
