"""The ML interview curriculum: what its notebooks import and its commands run.

The package holds no solution, no hidden test and no answer key: in a class, learners can read it.
"""

__version__ = "0.1.0"
