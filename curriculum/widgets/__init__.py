"""Pictures you can touch: one module a topic; here, what they share.

Plain functions compute and are tested without a browser; thin classes draw.
"""

from curriculum.widgets.display import Picture, show
from curriculum.widgets.predict import predict
from curriculum.widgets.style import COLORS

__all__ = ["COLORS", "Picture", "predict", "show"]
