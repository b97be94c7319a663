"""Gradient descent as pictures you can touch.

`surface` computes, `axes` are what several pictures share, and `explorer`, `line` and `own` are one
picture each: plain functions compute, thin classes draw.

Symbols: ``w`` (2,) the parameters, ``η`` the learning rate, ``L`` the largest curvature of the
loss (the largest eigenvalue of its Hessian), ``κ`` the condition number (largest curvature over
smallest), ``β`` the momentum, ``σ`` the noise in the targets.
"""

from curriculum.widgets.gradient_descent.axes import LEVELS, drawable, exit_point, spread
from curriculum.widgets.gradient_descent.explorer import (
    Explorer,
    ExplorerDrawing,
    caption,
    explore,
    ranking,
)
from curriculum.widgets.gradient_descent.line import (
    LineDrawing,
    LineSettings,
    OneDimension,
    line_caption,
    line_describe,
    line_scene,
    one_dimension,
)
from curriculum.widgets.gradient_descent.own import (
    Comparison,
    OwnBesideReference,
    OwnDrawing,
    OwnSettings,
    compare,
    compare_paths,
    own_caption,
    own_title,
)
from curriculum.widgets.gradient_descent.surface import (
    CURVATURE,
    METHODS,
    ROWS,
    Descent,
    Method,
    Problem,
    Settings,
    descend,
    describe,
    judge,
    outcome,
    problem,
    scene,
)

__all__ = [
    "CURVATURE",
    "LEVELS",
    "METHODS",
    "ROWS",
    "Comparison",
    "Descent",
    "Explorer",
    "ExplorerDrawing",
    "LineDrawing",
    "LineSettings",
    "Method",
    "OneDimension",
    "OwnBesideReference",
    "OwnDrawing",
    "OwnSettings",
    "Problem",
    "Settings",
    "caption",
    "compare",
    "compare_paths",
    "descend",
    "describe",
    "drawable",
    "exit_point",
    "explore",
    "judge",
    "line_caption",
    "line_describe",
    "line_scene",
    "one_dimension",
    "outcome",
    "own_caption",
    "own_title",
    "problem",
    "ranking",
    "scene",
    "spread",
]
