"""Tables of measurements that come with scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from curriculum.data.verify import DataError, verify


def wine() -> pd.DataFrame:
    """Chemical analysis of 178 wines from one region of Italy, grown by three cultivars.

    Returns
    -------
    pandas.DataFrame
        178 rows (wines), 14 columns: 13 float64 measurements, then `cultivar`, a category with the
        values 0 (59 wines), 1 (71) and 2 (48). No value is missing, no row is repeated.

        ===========================  ===============  ==============================================
        column                       range            what it is
        ===========================  ===============  ==============================================
        alcohol                      11.03 to 14.83   percent by volume
        malic_acid                   0.74 to 5.80
        ash                          1.36 to 3.23     what remains after burning
        alcalinity_of_ash            10.6 to 30
        magnesium                    70 to 162
        total_phenols                0.98 to 3.88
        flavanoids                   0.34 to 5.08     a kind of phenol, counted in total_phenols too
        nonflavanoid_phenols         0.13 to 0.66     likewise
        proanthocyanins              0.41 to 3.58
        color_intensity              1.28 to 13
        hue                          0.48 to 1.71     ratio of two absorbances, no unit
        od280_od315                  1.27 to 4.00     ratio of two absorbances, no unit
        proline                      278 to 1680      an amino acid
        ===========================  ===============  ==============================================

    Raises
    ------
    DataError
        When the installed scikit-learn brings another table.

    Notes
    -----
    Units: the source gives none. The sizes of the numbers fit percent for alcohol, g/L for malic
    acid, ash and phenols, mg/L for magnesium and proline; treat that as a likely reading.

    Quirks: the rows are **sorted by cultivar**, so a split or an epoch without shuffling is biased.
    The largest and the smallest column differ by a factor of 2000 (proline, nonflavanoid phenols).
    The table is small: over random splits, R² on 45 test rows for
    alcohol given the rest has mean 0.48 and standard deviation 0.10.

    Source: M. Forina et al., PARVUS (1988), through the UCI Machine Learning Repository, "Wine"
    (S. Aeberhard, M. Forina, 1991, doi:10.24432/C5PC7J), as bundled with scikit-learn
    (`sklearn.datasets.load_wine`). Licence: CC BY 4.0.
    """
    from sklearn.datasets import load_wine

    bundle = _load(load_wine, "wine")
    frame = bundle.data.rename(columns={"od280/od315_of_diluted_wines": "od280_od315"})
    frame["cultivar"] = pd.Categorical(bundle.target, categories=[0, 1, 2])
    return verify(frame, name="wine", shape=(178, 14), expected="032a173cd02b1a0c")


def breast_cancer() -> pd.DataFrame:
    """Cell nuclei in 569 fine-needle samples of breast masses, and whether each was malignant.

    Returns
    -------
    pandas.DataFrame
        569 rows (samples), 31 columns: 30 float64 measurements, then `malignant`, int64,
        1 = malignant (212 rows), 0 = benign (357 rows). No value is missing, no row is repeated.

        Ten shapes of a nucleus were measured: radius, texture (spread of the grey values),
        perimeter, area, smoothness, compactness, concavity, concave_points, symmetry,
        fractal_dimension. Each gives three columns: `mean_…` over the nuclei of one image,
        `…_error` with its standard error, `worst_…` with the mean of the three largest.

    Raises
    ------
    DataError
        When the installed scikit-learn brings another table.

    Notes
    -----
    Units: lengths and areas are in the image's own units (the source states none); the other shapes
    have no unit. Areas reach 4254, the error of the fractal dimension averages 0.004.

    Quirks: scikit-learn codes malignant as 0; **this loader turns it round**, so that 1 is what one
    wants to detect. Radius, perimeter and area say nearly the same thing (correlations above
    0.98), so the columns stay badly conditioned after scaling. 13 rows have concavity exactly 0.
    With all 30 columns a hyperplane separates the classes: logistic regression without a penalty
    has no finite optimum. The samples' identifiers are not in the table.

    Source: W. H. Wolberg, W. N. Street, O. L. Mangasarian, UCI Machine Learning Repository, "Breast
    Cancer Wisconsin (Diagnostic)" (1995, doi:10.24432/C5DW2B), as bundled with scikit-learn
    (`sklearn.datasets.load_breast_cancer`). Licence: CC BY 4.0.
    """
    from sklearn.datasets import load_breast_cancer

    bundle = _load(load_breast_cancer, "breast_cancer")
    frame = bundle.data.rename(columns=lambda name: name.replace(" ", "_"))
    frame["malignant"] = (1 - bundle.target).astype("int64")
    return verify(frame, name="breast_cancer", shape=(569, 31), expected="edd0e3bd0b18321f")


def _load(loader: Callable[..., Any], name: str) -> Any:
    """Call one of scikit-learn's loaders; a broken installation becomes one sentence."""
    try:
        return loader(as_frame=True)
    except OSError as error:
        raise DataError(
            f"The data set {name} cannot be read from the installed scikit-learn ({error}): "
            "install scikit-learn again."
        ) from error
