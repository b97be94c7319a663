"""Regularization as pictures you can touch.

`fits` is what several pictures share, and `ball`, `paths`, `variance` and `poly` are one picture
each: plain functions compute, thin classes draw.

Symbols: ``w`` (d,) the coefficients, ``û`` the optimum without a penalty, ``λ`` the regularization
strength, ``ρ`` the L1 share of the penalty, ``σ`` the noise in the targets. The objective is
``1/(2n) ‖y − Xw − b‖² + λ [ρ ‖w‖₁ + (1 − ρ)/2 ‖w‖²]`` throughout.
"""

from curriculum.widgets.regularization.ball import (
    BallDrawing,
    Balls,
    BallScene,
    BallSettings,
    ball_caption,
    ball_describe,
    ball_scene,
    balls,
    boundary,
    solve,
)
from curriculum.widgets.regularization.fits import Smoother, powers, truth
from curriculum.widgets.regularization.paths import (
    LAMS,
    CoefficientPath,
    Own,
    PathDrawing,
    PathScene,
    PathSettings,
    diabetes,
    own_path,
    path,
    path_caption,
    path_describe,
    reference_path,
)
from curriculum.widgets.regularization.poly import (
    Polynomial,
    PolynomialDrawing,
    PolynomialScene,
    PolynomialSettings,
    polynomial,
    polynomial_caption,
    polynomial_describe,
    polynomial_scene,
)
from curriculum.widgets.regularization.variance import (
    BiasVariance,
    VarianceDrawing,
    VarianceScene,
    VarianceSettings,
    bias_variance,
    variance_caption,
    variance_describe,
    variance_scene,
)

__all__ = [
    "LAMS",
    "BallDrawing",
    "BallScene",
    "BallSettings",
    "Balls",
    "BiasVariance",
    "CoefficientPath",
    "Own",
    "PathDrawing",
    "PathScene",
    "PathSettings",
    "Polynomial",
    "PolynomialDrawing",
    "PolynomialScene",
    "PolynomialSettings",
    "Smoother",
    "VarianceDrawing",
    "VarianceScene",
    "VarianceSettings",
    "ball_caption",
    "ball_describe",
    "ball_scene",
    "balls",
    "bias_variance",
    "boundary",
    "diabetes",
    "own_path",
    "path",
    "path_caption",
    "path_describe",
    "polynomial",
    "polynomial_caption",
    "polynomial_describe",
    "polynomial_scene",
    "powers",
    "reference_path",
    "solve",
    "truth",
    "variance_caption",
    "variance_describe",
    "variance_scene",
]
