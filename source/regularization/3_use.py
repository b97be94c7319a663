# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Regularization · 3 · Use
#
# In [2 · Build](2_build.ipynb) no column had gaps, all were numbers, and the objective was yours. Libraries have objectives of their own,
# and tables have gaps, categories and columns of very different size. Many mistakes with regularization are made there, and few of them
# raise an error.
#
# **After this notebook you can**
#
# - translate a strength λ into scikit-learn's `alpha` and `C`, and say why they differ;
# - put imputing, encoding, scaling and a penalised model into one pipeline, and say what is fitted where;
# - say how far to trust the columns that lasso keeps;
# - choose C for a logistic regression by a metric that sees the difference;
# - use dropout, weight decay and early stopping in PyTorch, and tell what each does to the curves;
# - find three bugs that make a model look better than it is, or worse.
#
# **Interview questions that it answers**: *Why standardise before ridge or lasso? Why does Ridge want another alpha than Lasso? Your lasso
# picks other features every week: why? What is C? Where do you put the scaler when you cross-validate? Your network has a training loss of
# zero: what do you do?*

# %% tags=["on_open"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_digits
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    ElasticNetCV,
    Lasso,
    LassoCV,
    LinearRegression,
    LogisticRegression,
    Ridge,
    RidgeCV,
)
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from curriculum import checks, data, learner, widgets

BLUE, ORANGE, GREEN, RED = (widgets.COLORS[c] for c in ("blue", "orange", "green", "vermillion"))
pd.set_option("display.precision", 3)
torch.set_num_threads(1)  # tensors this small lose more by sharing out the work than they gain
learner.begin("regularization", "3_use")

# %% [markdown]
# ## 1 · The same λ under three names
#
# Our objective, all through this topic, is
#
# $$ f(w, b) = \frac{1}{2n}\lVert y - Xw - b\rVert^2 + \lambda\left[\rho\lVert w\rVert_1 + \frac{1-\rho}{2}\lVert w\rVert^2\right] . $$
#
# In words: a *mean* squared error, halved, plus λ times the penalty. scikit-learn has four spellings of it:
#
# | estimator | minimises | so |
# |---|---|---|
# | `Lasso`, `ElasticNet` | the same as ours | alpha = λ |
# | `Ridge` | the *sum* of squares plus alpha ‖w‖² | alpha = n λ |
# | `LogisticRegression` | C times the *sum* of log losses plus ½ ‖w‖² | C = 1 / (n λ) |
# | `SGDClassifier`, `SGDRegressor` | the mean loss plus alpha times the penalty | alpha = λ |
#
# Read the last column twice. With `Ridge`, the same alpha means half the strength once the rows have doubled. With `LogisticRegression`, a
# *larger* C is a *weaker* penalty.

# %% [markdown]
# ## Exercise 1 · Translate λ
#
# *Difficulty 2 of 5 · 6 minutes · 3 points*
#
# Derive the table for yourself: multiply an objective by a constant, which doesn't move its minimum, until the penalties agree.
#
# *Worked example*: n = 100 rows and λ = 0.5. Lasso's alpha is 0.5, Ridge's is 50, and C is 1 / 50 = 0.02.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "translate",
    "By which constant must ours be multiplied to become Ridge's objective? What happens to λ/2 then?",
    "Ours times 2n is the sum of squares plus nλ‖w‖². For the logistic loss, ours times 1/λ leaves ½‖w‖² alone.",
    "Ridge: n·λ. Logistic: the sum of losses has the factor 1 / (n·λ).",
)


# %% nbgrader={"grade": false, "grade_id": "translate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def translate(lam, n):
    """Give scikit-learn's parameters for our strength.

    Parameters
    ----------
    lam : float
        λ in the objective above (for the logistic model: mean log loss + λ/2 · ‖w‖²), above 0.
    n : int
        Rows that the model is fitted on.

    Returns
    -------
    dict of str to float
        Keys "Lasso" and "Ridge", each with the alpha, and "LogisticRegression", with C.
    """
    ### BEGIN SOLUTION
    return {"Lasso": lam, "Ridge": n * lam, "LogisticRegression": 1 / (n * lam)}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "translate_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("translate")
with check("the worked example", points=0.5):
    got = translate(0.5, 100)
    checks.that(
        set(got) == {"Lasso", "Ridge", "LogisticRegression"},
        "Give a dict with the keys Lasso, Ridge and LogisticRegression.",
        given="λ = 0.5, n = 100",
    )
    for name, want in [("Lasso", 0.5), ("Ridge", 50.0), ("LogisticRegression", 0.02)]:
        checks.close(got[name], want, given="λ = 0.5, n = 100", what=name)
### BEGIN HIDDEN TESTS
with check("the gradient of our objective is zero at scikit-learn's minimum", points=2.5):
    rng = np.random.default_rng(0)
    for n, lam in [(40, 0.3), (90, 2.0)]:
        X = rng.normal(size=(n, 3))
        y = X @ [1.0, -2.0, 0.5] + rng.normal(size=n)
        label = (y > 0).astype(int)
        given, got = f"{n} random rows, 3 columns, λ = {lam}", translate(lam, n)
        w = Ridge(alpha=checks.number(got["Ridge"], what="Ridge")).fit(X, y)
        slope = X.T @ (w.predict(X) - y) / n + lam * w.coef_
        checks.close(
            got["Ridge"],
            n * lam,
            given=given,
            what="Ridge",
            mistakes=[
                checks.Mistake(
                    "Ridge's alpha taken as λ",
                    looks_like=lam,
                    says="Ridge adds its penalty to the sum of squares, so the same alpha gets weaker with every row.",
                ),
                checks.Mistake(
                    "Ridge's alpha off by a factor of 2",
                    looks_like=n * lam / 2,
                    says="Both halves cancel: ours has ½ in front of the squares and ½ in front of ‖w‖², Ridge has neither.",
                ),
            ],
        )
        checks.close(
            slope, np.zeros(3), atol=1e-6, given=given, what="the gradient at Ridge's minimum"
        )
        checks.close(
            got["LogisticRegression"],
            1 / (n * lam),
            given=given,
            what="LogisticRegression",
            mistakes=[
                checks.Mistake(
                    "C taken as a strength",
                    looks_like=n * lam,
                    says="C multiplies the loss, not the penalty: it is the inverse of a strength.",
                ),
                checks.Mistake(
                    "C without n",
                    looks_like=1 / lam,
                    says="C stands before the sum over rows. Ours is a mean, so a factor n is missing.",
                ),
            ],
        )
        strict = {"C": checks.number(got["LogisticRegression"]), "tol": 1e-10, "max_iter": 10_000}
        model = LogisticRegression(**strict).fit(X, label)
        slope = X.T @ (model.predict_proba(X)[:, 1] - label) / n + lam * model.coef_[0]
        checks.close(slope, np.zeros(3), atol=1e-5, given=given, what="the gradient at its minimum")
        checks.close(
            got["Lasso"],
            lam,
            given=given,
            what="Lasso",
            mistakes=[
                checks.Mistake(
                    "Lasso's alpha multiplied by n",
                    looks_like=n * lam,
                    says="Lasso's loss in scikit-learn is 1/(2n) times the sum, as ours: alpha is λ itself.",
                )
            ],
        )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "translate", "name": "Ridge's alpha taken as λ"}
def translate(lam, n):
    return {"Lasso": lam, "Ridge": lam, "LogisticRegression": 1 / (n * lam)}


# %% tags=["mistake"] mistake={"exercise": "translate", "name": "Ridge's alpha off by a factor of 2"}
def translate(lam, n):
    return {"Lasso": lam, "Ridge": n * lam / 2, "LogisticRegression": 1 / (n * lam)}


# %% tags=["mistake"] mistake={"exercise": "translate", "name": "C taken as a strength"}
def translate(lam, n):
    return {"Lasso": lam, "Ridge": n * lam, "LogisticRegression": n * lam}


# %% tags=["mistake"] mistake={"exercise": "translate", "name": "C without n"}
def translate(lam, n):
    return {"Lasso": lam, "Ridge": n * lam, "LogisticRegression": 1 / lam}


# %% tags=["mistake"] mistake={"exercise": "translate", "name": "Lasso's alpha multiplied by n"}
def translate(lam, n):
    return {"Lasso": n * lam, "Ridge": n * lam, "LogisticRegression": 1 / (n * lam)}


# %% tags=["alternative"] alternative={"exercise": "translate", "name": "by way of Ridge"}
def translate(lam, n):
    alpha = lam * n
    return dict(
        zip(("Lasso", "Ridge", "LogisticRegression"), (alpha / n, alpha, alpha**-1), strict=True)
    )


# %% tags=["alternative"] alternative={"exercise": "translate", "name": "NumPy"}
def translate(lam, n):
    values = np.array([1.0, n, 1 / (n * lam**2)]) * lam
    return {"Lasso": values[0], "Ridge": values[1], "LogisticRegression": values[2]}


# %% [markdown]
# **Asked next**: *"You double the rows and keep `Ridge(alpha=10)`. Is the model more or less
# regularised?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Less: the sum of squares has twice as many terms, the penalty is the same, so λ = 10/n has halved. If alpha stands for a prior on the
# weights, that is as it should be: more rows, more to say against the prior. With `Lasso(alpha=…)` λ stays what it was. Either way, choose
# it again with the new rows.
#
# </details>

# %% [markdown]
# ## 2 · Standardise first
#
# `data.hitters()` has 322 baseball players, their counts of 1986, and what they earned in 1987. 59 salaries are missing: those rows can't
# be used to learn from, and are left out. Salaries are skewed, so the target is their logarithm.

# %%
hitters = data.hitters()
print(f"{hitters.salary.isna().sum()} of {len(hitters)} salaries are missing; nothing else is.")
players = hitters.dropna(subset=["salary"])
H = pd.get_dummies(players.drop(columns="salary"), drop_first=True, dtype=float)
pay = np.log(players.salary.to_numpy())
H.describe().loc[["mean", "std", "min", "max"]].T.round(1)

# %% [markdown]
# `career_at_bat` has a spread of about 2,300, `years` of about 5. A coefficient is *log salary per unit of the column*, so a column in small
# units has small coefficients, and the penalty, which adds up coefficients, hardly notices it. Watch what lasso keeps when one
# column's unit changes and nothing else does.

# %% jupyter={"source_hidden": true}
# How the next table is made
in_thousands = H.assign(career_at_bat=H.career_at_bat / 1000)
as_z = pd.DataFrame(StandardScaler().fit_transform(H), columns=H.columns)
kept = {
    name: Lasso(alpha=0.05, max_iter=200_000).fit(table, pay).coef_ != 0
    for name, table in [
        ("as it comes", H),
        ("career_at_bat in thousands", in_thousands),
        ("standardised", as_z),
    ]
}
pd.DataFrame(kept, index=H.columns).replace({True: "kept", False: "·"}).T

# %% [markdown]
# **What it showed.** Counted one by one, `career_at_bat` is kept; counted in thousands, it is gone. A unit decided it. Standardised, the
# columns meet the same price for the same effect, and ten of nineteen are left.
#
# Least squares doesn't need this: without a penalty, another unit gives another coefficient and the same predictions. *Scaling belongs to
# the penalty.* And the scale is learned from data, so it belongs inside the pipeline, as you'll see when it stands outside.

# %% jupyter={"source_hidden": true}
# How the next table is made
folds = KFold(10, shuffle=True, random_state=0)
strengths = np.geomspace(1e-2, 1e4, 40)
models = {
    "least squares": LinearRegression(),
    "ridge, raw columns": RidgeCV(np.geomspace(1e-2, 1e6, 40)),
    "ridge": make_pipeline(StandardScaler(), RidgeCV(strengths)),
    "lasso": make_pipeline(StandardScaler(), LassoCV(cv=10, alphas=40, max_iter=20_000)),
    "elastic net": make_pipeline(
        StandardScaler(), ElasticNetCV(l1_ratio=0.5, cv=10, alphas=40, max_iter=20_000)
    ),
}
rows = {}
for name, model in models.items():
    errors = -cross_val_score(model, H, pay, cv=folds, scoring="neg_root_mean_squared_error")
    rows[name] = [errors.mean(), errors.std(ddof=1) / np.sqrt(len(errors))]
pd.DataFrame(rows, index=["RMSE of log salary", "standard error"]).T

# %% [markdown]
# On 263 players and 19 columns, all are within half a standard error of one another. That is worth saying in an interview: with many more
# rows than columns there is little variance to take away, and a penalty has little to gain. It gains where columns are many. So take the
# larger table.

# %% [markdown]
# ## 3 · A pipeline over a table with gaps
#
# `data.ames()` has 2,930 house sales and 73 columns besides the price: 40 are categories. One gap is disguised: `lot_frontage`, the feet of
# street that a lot has, is 0 in 490 rows, which means that nobody wrote it down.

# %%
houses = data.ames()
price = np.log10(houses.pop("sale_price").to_numpy())
zero = (houses.lot_frontage == 0).sum()
print(
    f"{zero} lots have 0 feet of street; the smallest other value is {houses.lot_frontage[houses.lot_frontage > 0].min()}."
)
categories = houses.select_dtypes("category").columns.tolist()
print(
    f"{len(categories)} categories with {sum(houses[c].nunique() for c in categories)} values in all."
)

# %% [markdown]
# ## Exercise 2 · Impute, encode, scale, fit
#
# *Difficulty 3 of 5 · 15 minutes · 4 points*
#
# Write the whole path from a raw table to predictions. What is learned from data (medians, means, spreads, known categories,
# coefficients) is learned from the training rows; test rows only pass through.
#
# - Numbers: missing values become the column's median, then the columns are standardised.
# - Categories: one column of 0 and 1 for each value (none dropped); a value that training rows don't have becomes zeros.
# - `Ridge(alpha)` on all of it.
#
# *Worked example*: training rows with sizes 1, missing and 3, prices 1, 2 and 3. The median is 2, so the sizes become 1, 2, 3, standardised
# −1.22, 0, 1.22. With alpha = 0 a test row of size 5 gets the price 5, a missing one gets 2.
#
# **In the round.** They watch what you call `fit` on. `fit_transform` on the whole table, one line before the split, ends many rounds.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "predict_prices",
    "Which of the steps learn something, and from which rows may they learn?",
    "make_column_transformer takes pairs of (transformer, columns); each transformer may be a pipeline. Put Ridge behind it.",
    "(make_pipeline(SimpleImputer(strategy='median'), StandardScaler()), numbers), (OneHotEncoder(handle_unknown='ignore'), categories)",
)


# %% nbgrader={"grade": false, "grade_id": "predict_prices", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict_prices(train, y, test, numbers, categories, alpha):
    """Predict with ridge regression on a table with gaps and categories.

    Numbers: NaN becomes the column's median, then the column is standardised (standard deviation
    with divisor n, taken after the gaps are filled). Categories: one column of 0 and 1 for each
    value in `train`, none dropped, not standardised; a value that `train` lacks gives zeros. Then
    `Ridge(alpha=alpha)` with an intercept. All is learned from `train` and `y` only.

    Parameters
    ----------
    train, test : DataFrame
        Columns `numbers` (float, with NaN where missing) and `categories` (text), and maybe others,
        which are not used. `test` may have categories that `train` lacks.
    y : ndarray of float, shape (len(train),)
        Targets of the training rows.
    numbers, categories : list of str
        Names of the columns; `categories` may be empty.
    alpha : float
        Ridge's, in scikit-learn's convention, at least 0.

    Returns
    -------
    ndarray of float, shape (len(test),)
        Predictions. Neither table is changed.
    """
    ### BEGIN SOLUTION
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), categories),
    )
    return make_pipeline(prepare, Ridge(alpha=alpha)).fit(train, y).predict(test)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "predict_prices_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("predict_prices")
with check("the worked example", points=0.5):
    got = predict_prices(
        pd.DataFrame({"size": [1.0, np.nan, 3.0]}),
        np.array([1.0, 2.0, 3.0]),
        pd.DataFrame({"size": [5.0, np.nan]}),
        ["size"],
        [],
        0.0,
    )
    checks.close(
        got,
        np.array([5.0, 2.0]),
        atol=1e-9,
        given="sizes 1, missing, 3 with prices 1, 2, 3; alpha = 0",
    )


### BEGIN HIDDEN TESTS
def by_hand(
    train, y, test, numbers, categories, alpha, learn_from=None, middle="median", scale=True
):
    """Do every step with pandas and NumPy; `learn_from` is what medians and scales come from."""
    source = train if learn_from is None else learn_from
    known, parts = {}, []
    for table in (train, test):
        block = []
        for name in numbers:
            fill = getattr(source[name], middle)()
            filled, values = source[name].fillna(fill), table[name].fillna(fill)
            spread = filled.std(ddof=0) if scale else 1.0
            block.append((values - (filled.mean() if scale else 0.0)) / spread)
        for name in categories:
            known.setdefault(name, sorted(set(train[name])))
            block += [(table[name] == value).astype(float) for value in known[name]]
        parts.append(np.column_stack(block))
    A, B = parts
    mean = A.mean(axis=0)
    A, B = A - mean, B - mean
    w = np.linalg.solve(A.T @ A + alpha * np.eye(A.shape[1]), A.T @ (y - y.mean()))
    return B @ w + y.mean()


table = data.ames().sample(500, random_state=3).reset_index(drop=True)
target = np.log10(table.sale_price.to_numpy())
columns = ["lot_frontage", "gr_liv_area", "year_built", "neighborhood", "bldg_type", "mo_sold"]
table = table[columns].astype({"neighborhood": str, "bldg_type": str})
table["lot_frontage"] = table.lot_frontage.replace(0, np.nan).astype(float)
few, rest, few_y = table[:120], table[120:].copy(), target[:120]
rest.loc[rest.index[:3], "bldg_type"] = "Houseboat"
numbers, kinds = ["lot_frontage", "gr_liv_area", "year_built"], ["neighborhood", "bldg_type"]
with check("120 houses to learn from, 380 to predict, by hand", points=2.5):
    for alpha in (5.0, 60.0):
        ask = (few, few_y, rest, numbers, kinds, alpha)
        checks.close(
            predict_prices(few.copy(), few_y.copy(), rest.copy(), numbers, kinds, alpha),
            by_hand(*ask),
            rtol=0,
            atol=5e-4,
            given=f"120 Ames houses, 3 numbers with gaps, 2 categories, alpha = {alpha:g}",
            mistakes=[
                checks.Mistake(
                    "learned from the test rows too",
                    looks_like=by_hand(*ask, learn_from=pd.concat([few, rest])),
                    says="Medians, means and spreads come from both tables. Only training rows may be learned from.",
                ),
                checks.Mistake(
                    "test rows scaled by themselves",
                    looks_like=lambda ask=ask: scaled_by_itself(*ask),
                    says="The test rows were standardised with their own means and spreads, so the same house gets another price in "
                    "other company.",
                ),
                checks.Mistake(
                    "mean instead of median",
                    looks_like=by_hand(*ask, middle="mean"),
                    says="Gaps were filled with means. The docstring asks for medians, which one huge lot doesn't move.",
                ),
                checks.Mistake(
                    "not standardised",
                    looks_like=by_hand(*ask, scale=False),
                    says="The numbers went to ridge in square feet and years. The penalty then depends on units.",
                ),
            ],
        )
with check("other columns are left alone, and so are the tables", points=1):
    checks.unchanged(
        predict_prices, few.copy(), few_y, rest.copy(), ["year_built"], ["bldg_type"], 1.0,
        given="one number, one category; the tables have more columns",
    )  # fmt: skip
    checks.close(
        predict_prices(few.copy(), few_y, rest.copy(), ["year_built"], ["bldg_type"], 1.0),
        by_hand(few, few_y, rest, ["year_built"], ["bldg_type"], 1.0),
        rtol=0,
        atol=5e-4,
        given="one number, one category; the tables have more columns",
    )


def scaled_by_itself(train, y, test, numbers, categories, alpha):
    """Standardise each table by itself, which the mistake does."""
    fills = {name: train[name].median() for name in numbers}

    def own(table):
        filled = table.fillna(fills)
        return table.assign(
            **{n: (filled[n] - filled[n].mean()) / filled[n].std(ddof=0) for n in numbers}
        )

    return by_hand(own(train), y, own(test), numbers, categories, alpha)


### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "predict_prices", "name": "learned from the test rows too"}
def predict_prices(train, y, test, numbers, categories, alpha):
    both = pd.concat([train, test])
    X = make_pipeline(SimpleImputer(strategy="median"), StandardScaler()).fit(both[numbers])
    parts = [[X.transform(table[numbers])] for table in (train, test)]
    if categories:
        known = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(train[categories])
        for part, table in zip(parts, (train, test), strict=True):
            part.append(known.transform(table[categories]))
    A, B = (np.hstack(part) for part in parts)
    return Ridge(alpha=alpha).fit(A, y).predict(B)


# %% tags=["mistake"] mistake={"exercise": "predict_prices", "name": "test rows scaled by themselves"}
def predict_prices(train, y, test, numbers, categories, alpha):
    impute = SimpleImputer(strategy="median").fit(train[numbers])
    parts = [[StandardScaler().fit_transform(impute.transform(t[numbers]))] for t in (train, test)]
    if categories:
        known = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(train[categories])
        for part, table in zip(parts, (train, test), strict=True):
            part.append(known.transform(table[categories]))
    A, B = (np.hstack(part) for part in parts)
    return Ridge(alpha=alpha).fit(A, y).predict(B)


# %% tags=["mistake"] mistake={"exercise": "predict_prices", "name": "mean instead of median"}
def predict_prices(train, y, test, numbers, categories, alpha):
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore"), categories),
    )
    return make_pipeline(prepare, Ridge(alpha=alpha)).fit(train, y).predict(test)


# %% tags=["mistake"] mistake={"exercise": "predict_prices", "name": "not standardised"}
def predict_prices(train, y, test, numbers, categories, alpha):
    prepare = make_column_transformer(
        (SimpleImputer(strategy="median"), numbers),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), categories),
    )
    return make_pipeline(prepare, Ridge(alpha=alpha)).fit(train, y).predict(test)


# %% tags=["alternative"] alternative={"exercise": "predict_prices", "name": "pandas"}
def predict_prices(train, y, test, numbers, categories, alpha):
    middle = train[numbers].median()
    filled = train[numbers].fillna(middle)
    mean, spread = filled.mean(), filled.std(ddof=0)
    A = (filled - mean) / spread
    B = (test[numbers].fillna(middle) - mean) / spread
    if categories:
        dummies = pd.get_dummies(train[categories], dtype=float)
        A = pd.concat([A, dummies], axis=1)
        others = pd.get_dummies(test[categories], dtype=float).reindex(
            columns=dummies.columns, fill_value=0.0
        )
        B = pd.concat([B, others], axis=1)
    return Ridge(alpha=alpha).fit(A.to_numpy(), y).predict(B.to_numpy())


# %% tags=["alternative"] alternative={"exercise": "predict_prices", "name": "ColumnTransformer with names"}
def predict_prices(train, y, test, numbers, categories, alpha):
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline

    number = Pipeline([("gaps", SimpleImputer(strategy="median")), ("scale", StandardScaler())])
    kind = OneHotEncoder(handle_unknown="infrequent_if_exist", sparse_output=False)
    columns = ColumnTransformer([("number", number, numbers), ("kind", kind, categories)])
    model = Pipeline([("columns", columns), ("ridge", Ridge(alpha=alpha, solver="svd"))])
    model.fit(train, y)
    return model.predict(test)


# %% [markdown]
# **Asked next**: *"In production a category turns up that training never had. What does your pipeline
# do?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# It gives zeros in all columns of that category and predicts without an error, as if the house had none of the known values. That is a
# default, not knowledge: count how often it happens, and retrain when the share grows. To check: predict one row twice, the second time
# with a made-up value; the difference is the coefficient of the value that was there.
#
# </details>
#
# Now the same pipeline with each kind of model, λ chosen by cross-validation *inside* the training rows. 2,197 houses to learn from, 733 to
# judge by, and some 300 columns after encoding.

# %% jupyter={"source_hidden": true}
# How the next table is made
order = np.random.default_rng(0).permutation(len(houses))
learn, judge = order[:2197], order[2197:]
with_gaps = houses.assign(lot_frontage=houses.lot_frontage.replace(0, np.nan).astype(float))
numeric = with_gaps.columns.difference(categories).tolist()


def ready(model):
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numeric),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), categories),
    )
    return make_pipeline(prepare, model)


table = {}
for name, model in [
    ("least squares", LinearRegression()),
    ("ridge", RidgeCV(np.geomspace(0.1, 1e3, 25))),
    ("lasso", LassoCV(cv=5, alphas=25, tol=1e-3, max_iter=20_000)),
    ("elastic net", ElasticNetCV(l1_ratio=0.5, cv=5, alphas=20, tol=1e-3, max_iter=20_000)),
]:
    fitted = ready(model).fit(with_gaps.iloc[learn], price[learn])
    error = fitted.predict(with_gaps.iloc[judge]) - price[judge]
    table[name] = {
        "RMSE, log10 of dollars": np.sqrt(np.mean(error**2)),
        "typical error, %": 100 * (10 ** np.median(np.abs(error)) - 1),
        "columns kept": int((fitted[-1].coef_ != 0).sum()),
    }
pd.DataFrame(table).T.astype({"columns kept": int})

# %% [markdown]
# **What it showed.** With some 300 columns, many of them rare categories, a penalty takes about a tenth off the RMSE, and lasso does it with
# half of the columns. The three penalties are within a few per cent of one another: *that* you regularise matters more than *how*. The typical
# error hardly moves. What the penalty saves are the few houses that least squares gets badly wrong, such as one in a category that had two
# houses to learn from. Say which of the two numbers your task needs.

# %% [markdown]
# ## 4 · How far to trust what lasso keeps
#
# `career_at_bat`, `career_hits`, `career_runs` and `career_rbi` say nearly the same thing. Lasso keeps what helps most *on these rows*. To
# see how much chance there is in it, draw the players again, with replacement, and fit again.

# %% [markdown]
# ## Exercise 3 · How often is each column kept?
#
# *Difficulty 3 of 5 · 12 minutes · 4 points*
#
# A **bootstrap sample** has as many rows as the table, drawn from it with replacement. Write the share of such samples in which lasso keeps
# each column.
#
# *Worked example*: with one column and a λ so small that it is always kept, the answer is [1.0]; with a λ above $\lambda_{\max}$ in every
# sample, [0.0].

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "kept_share",
    "Draw rows, not values: which arrays have to be indexed by the drawn rows?",
    "In each round: draw, standardise what was drawn, fit, note which coefficients are not zero.",
    "rows = rng.integers(0, n, n);  Lasso(lam).fit(StandardScaler().fit_transform(X[rows]), y[rows]).coef_ != 0",
)


# %% nbgrader={"grade": false, "grade_id": "kept_share", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kept_share(X, y, lam, rounds, seed):
    """Give the share of bootstrap samples in which the lasso keeps each column.

    Each of the `rounds` samples has n rows, drawn with replacement by
    `rng.integers(0, n, n)`, once a round, where `rng = np.random.default_rng(seed)`. The columns of
    each sample are standardised by its own means and standard deviations (divisor n), and
    `Lasso(alpha=lam)` is fitted on it, with the same rows of y.

    Parameters
    ----------
    X : ndarray of float, shape (n, d)
    y : ndarray of float, shape (n,)
    lam : float
        Lasso's alpha.
    rounds : int
        At least 1.
    seed : int

    Returns
    -------
    ndarray of float, shape (d,)
        Between 0 and 1: in which share of the rounds the coefficient is not zero.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    counts = np.zeros(X.shape[1])
    for _ in range(rounds):
        rows = rng.integers(0, len(X), len(X))
        drawn = StandardScaler().fit_transform(X[rows])
        counts += Lasso(alpha=lam).fit(drawn, y[rows]).coef_ != 0
    return counts / rounds
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "kept_share_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("kept_share")
with check("one column, always or never kept", points=0.5):
    X = np.arange(12.0)[:, None]
    y = 3 * X[:, 0] + 1
    checks.close(
        kept_share(X, y, 1e-3, 5, 0), np.array([1.0]), given="y = 3x + 1, λ = 0.001, 5 rounds"
    )
    checks.close(
        kept_share(X, y, 1e3, 5, 0), np.array([0.0]), given="y = 3x + 1, λ = 1000, 5 rounds"
    )


### BEGIN HIDDEN TESTS
def again(
    X, y, lam, rounds, seed, *, sample=None, scale_first=False, positive=False, y_apart=False
):
    """Count by hand; each option is what a mistake does."""
    rng, kept = np.random.default_rng(seed), []
    everywhere = (X - X.mean(axis=0)) / X.std(axis=0)
    for _ in range(rounds):
        rows = rng.integers(0, len(X), len(X)) if sample is None else sample(rng, len(X))
        A = everywhere[rows] if scale_first else X[rows]
        if not scale_first:
            A = (A - A.mean(axis=0)) / A.std(axis=0)
        w = Lasso(alpha=lam).fit(A, y if y_apart else y[rows]).coef_
        kept.append(w > 0 if positive else w != 0)
    return np.mean(kept, axis=0)


paid = data.hitters().dropna(subset=["salary"])
H_test = paid.select_dtypes("number").drop(columns="salary").to_numpy(dtype=float)
pay_test = np.log(paid.salary.to_numpy())
with check("the hitters, in three settings", points=3):
    for lam, rounds, seed in [(0.05, 20, 0), (0.12, 15, 4), (0.02, 9, 1)]:
        ask = (H_test, pay_test, lam, rounds, seed)
        checks.close(
            kept_share(H_test.copy(), pay_test.copy(), lam, rounds, seed),
            again(*ask),
            atol=1e-9,
            given=f"263 hitters, 16 columns, λ = {lam}, {rounds} rounds, seed {seed}",
            mistakes=[
                checks.Mistake(
                    "y not drawn along",
                    looks_like=again(*ask, y_apart=True),
                    says="The rows of X were drawn and y was left in its old order, so each player has another's salary.",
                ),
                checks.Mistake(
                    "standardised before drawing",
                    looks_like=again(*ask, scale_first=True),
                    says="Means and spreads come from all rows. In each sample they have to be learned again, as everything is "
                    "that is learned from data.",
                ),
                checks.Mistake(
                    "drawn without replacement",
                    looks_like=again(*ask, sample=lambda rng, n: rng.permutation(n)),
                    says="Every sample has the same rows in another order, so every round gives the same answer.",
                ),
                checks.Mistake(
                    "only positive coefficients counted",
                    looks_like=again(*ask, positive=True),
                    says="A negative coefficient is kept as well: count what is not zero.",
                ),
                checks.Mistake(
                    "counts instead of shares",
                    looks_like=again(*ask) * rounds,
                    says="These are numbers of rounds. Divide by the number of rounds.",
                ),
            ],
        )
with check("the inputs stay as they were", points=0.5):
    got = checks.unchanged(
        kept_share, H_test.copy(), pay_test.copy(), 0.1, 2, 3, given="the hitters, 2 rounds"
    )
    checks.close(
        got, again(H_test, pay_test, 0.1, 2, 3), atol=1e-9, given="the hitters, 2 rounds, seed 3"
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "kept_share", "name": "y not drawn along"}
def kept_share(X, y, lam, rounds, seed):
    rng = np.random.default_rng(seed)
    counts = np.zeros(X.shape[1])
    for _ in range(rounds):
        drawn = StandardScaler().fit_transform(X[rng.integers(0, len(X), len(X))])
        counts += Lasso(alpha=lam).fit(drawn, y).coef_ != 0
    return counts / rounds


# %% tags=["mistake"] mistake={"exercise": "kept_share", "name": "standardised before drawing"}
def kept_share(X, y, lam, rounds, seed):
    rng = np.random.default_rng(seed)
    Z, counts = StandardScaler().fit_transform(X), np.zeros(X.shape[1])
    for _ in range(rounds):
        rows = rng.integers(0, len(X), len(X))
        counts += Lasso(alpha=lam).fit(Z[rows], y[rows]).coef_ != 0
    return counts / rounds


# %% tags=["mistake"] mistake={"exercise": "kept_share", "name": "drawn without replacement"}
def kept_share(X, y, lam, rounds, seed):
    rng = np.random.default_rng(seed)
    counts = np.zeros(X.shape[1])
    for _ in range(rounds):
        rows = rng.permutation(len(X))
        drawn = StandardScaler().fit_transform(X[rows])
        counts += Lasso(alpha=lam).fit(drawn, y[rows]).coef_ != 0
    return counts / rounds


# %% tags=["mistake"] mistake={"exercise": "kept_share", "name": "only positive coefficients counted"}
def kept_share(X, y, lam, rounds, seed):
    rng = np.random.default_rng(seed)
    counts = np.zeros(X.shape[1])
    for _ in range(rounds):
        rows = rng.integers(0, len(X), len(X))
        counts += Lasso(alpha=lam).fit(StandardScaler().fit_transform(X[rows]), y[rows]).coef_ > 0
    return counts / rounds


# %% tags=["mistake"] mistake={"exercise": "kept_share", "name": "counts instead of shares"}
def kept_share(X, y, lam, rounds, seed):
    rng = np.random.default_rng(seed)
    counts = np.zeros(X.shape[1])
    for _ in range(rounds):
        rows = rng.integers(0, len(X), len(X))
        counts += Lasso(alpha=lam).fit(StandardScaler().fit_transform(X[rows]), y[rows]).coef_ != 0
    return counts


# %% tags=["alternative"] alternative={"exercise": "kept_share", "name": "a pipeline, fitted again"}
def kept_share(X, y, lam, rounds, seed):
    rng, model = np.random.default_rng(seed), make_pipeline(StandardScaler(), Lasso(alpha=lam))
    kept = []
    for _ in range(rounds):
        rows = rng.integers(0, len(y), len(y))
        kept.append(model.fit(X[rows], y[rows])[-1].coef_.astype(bool))
    return np.mean(kept, axis=0)


# %% tags=["alternative"] alternative={"exercise": "kept_share", "name": "scaled by NumPy"}
def kept_share(X, y, lam, rounds, seed):
    rng, n = np.random.default_rng(seed), len(X)

    def one_round():
        rows = rng.integers(0, n, n)
        A = X[rows]
        w = Lasso(alpha=lam).fit((A - A.mean(axis=0)) / A.std(axis=0), y[rows]).coef_
        return np.abs(w) > 0

    return sum(one_round() for _ in range(rounds)) / float(rounds)


# %% jupyter={"source_hidden": true}
# How the next figure is made; what it computes doesn't need your function
rng = np.random.default_rng(0)
share = np.zeros(H.shape[1])
for _ in range(200):
    rows = rng.integers(0, len(H), len(H))
    drawn = StandardScaler().fit_transform(H.to_numpy()[rows])
    share += (Lasso(alpha=0.05).fit(drawn, pay[rows]).coef_ != 0) / 200
by_share = np.argsort(share)
fig, ax = plt.subplots(figsize=(7.4, 4.8), layout="constrained")
colours = [ORANGE if name.startswith("career") else BLUE for name in H.columns[by_share]]
ax.barh(np.arange(len(share)), 100 * share[by_share], color=colours)
ax.set_yticks(np.arange(len(share)), H.columns[by_share])
ax.set(xlabel="kept in this share of 200 bootstrap samples, per cent", xlim=(0, 100))
ax.set_title("Of six career counts, which one stays is partly chance")
widgets.show(
    fig,
    alt="Bars for nineteen columns. Hits is kept in nearly all samples, walks, years, division and put-outs in more than eight "
    "of ten. Of the six career counts, hits stays in about three quarters, runs in four of ten, the others less often.",
)

# %% [markdown]
# `hits` in nearly every sample: that one is solid. The career counts share one effect among them, and the sample decides who carries it. If a
# colleague reads the kept list as "career runs don't matter", show them this figure.
#
# **Asked next**: *"What would ridge and elastic net do with the career counts?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Ridge gives all six a part, nearly equal where they are nearly equal. Elastic net keeps most of the group or drops it. Both are steadier from
# sample to sample. Neither tells which count *causes* a salary: the columns don't hold that answer.
#
# </details>

# %% [markdown]
# ## 5 · Logistic regression's C
#
# `LogisticRegression` regularises unless you tell it not to, with C = 1. On the 569 samples of `data.breast_cancer()` a hyperplane separates the
# two classes, so without a penalty the weights grow for ever, and every probability goes to 0 or 1. Compare what accuracy and log loss make of
# that, towards the right of each picture.

# %% jupyter={"source_hidden": true}
# How the next figure is made
cancer = data.breast_cancer()
malignant = cancer.pop("malignant").to_numpy()
Cs = np.geomspace(1e-4, 1e4, 9)
by_class = StratifiedKFold(5, shuffle=True, random_state=0)
losses, accuracies = [], []
for C in Cs:
    logistic = LogisticRegression(C=C, max_iter=5000)
    scores = cross_validate(
        make_pipeline(StandardScaler(), logistic),
        cancer,
        malignant,
        cv=by_class,
        scoring=("neg_log_loss", "accuracy"),
    )
    losses.append(-scores["test_neg_log_loss"].mean())
    accuracies.append(scores["test_accuracy"].mean())
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
left.plot(Cs, losses, "o-", color=BLUE)
left.set(
    xscale="log", yscale="log", xlabel="C (weaker penalty to the right)", ylabel="log loss, nats"
)
left.set_title("The log loss sees overconfidence …")
right.plot(Cs, 100 * np.array(accuracies), "o-", color=ORANGE)
right.set(xscale="log", xlabel="C", ylabel="accuracy, per cent", ylim=(60, 100))
right.set_title("… accuracy sees little of it")
for ax in (left, right):
    ax.grid(alpha=0.3)
widgets.show(
    fig,
    alt="Left: cross-validated log loss against C, a U with its lowest value of about 0.07 at C = 1 and values near 1 at "
    "C = 10,000. Right: accuracy, which rises to 98 per cent at C = 1 and is still 95 per cent at C = 10,000.",
)

# %% [markdown]
# **What it showed.** From C = 1 to C = 10,000 the accuracy falls from about 98 to 95 per cent, while the log loss rises from about 0.07 to nearly
# 1: the model is sure where it is wrong.
#
# ## Exercise 4 · Choose C
#
# *Difficulty 3 of 5 · 10 minutes · 3 points*
#
# Choose C by the log loss in stratified folds, with the scaler inside.
#
# *Worked example*: with a single C to choose from, that one comes back, with its loss.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "choose_C",
    "Which number does `cross_val_score` give by default for a classifier, and which do you want?",
    "scoring='neg_log_loss' is the loss with a minus in front: larger is better.",
    "Average over the folds for each C, then take the C with the smallest loss; the first where two are equal.",
)


# %% nbgrader={"grade": false, "grade_id": "choose_C", "locked": false, "schema_version": 3, "solution": true, "task": false}
def choose_C(X, y, Cs, k=5):
    """Choose the strength of a logistic regression by cross-validated log loss.

    The model is `LogisticRegression(C=C, max_iter=5000)` on standardised columns; means and standard
    deviations are learned anew from the training rows of each fold. Folds:
    `StratifiedKFold(k, shuffle=True, random_state=0)`.

    Parameters
    ----------
    X : ndarray of float, shape (n, d)
    y : ndarray of int, shape (n,)
        0 or 1.
    Cs : list of float
        Candidates, at least one.
    k : int
        Folds, at least 2.

    Returns
    -------
    (float, float)
        The C with the smallest log loss, averaged over the folds, and that loss, in nats. Of equal
        ones, the first in `Cs`.
    """
    ### BEGIN SOLUTION
    folds = StratifiedKFold(k, shuffle=True, random_state=0)
    losses = []
    for C in Cs:
        model = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=5000))
        losses.append(-cross_val_score(model, X, y, cv=folds, scoring="neg_log_loss").mean())
    best = int(np.argmin(losses))
    return Cs[best], float(losses[best])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "choose_C_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("choose_C")
with check("a single candidate", points=0.5):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2))
    y = (X[:, 0] + rng.normal(size=40) > 0).astype(int)
    C, loss = choose_C(X, y, [0.5], 4)
    checks.close(C, 0.5, given="40 random rows, Cs = [0.5], k = 4", what="C")
    checks.that(
        0 < checks.number(loss) < 0.7,
        "The loss should be between 0 and ln 2.",
        given="40 random rows",
    )


### BEGIN HIDDEN TESTS
def loss_by_hand(X, y, C, k, *, scale_first=False, accuracy=False):
    found = []
    mean, spread = X.mean(axis=0), X.std(axis=0)
    for train, test in StratifiedKFold(k, shuffle=True, random_state=0).split(X, y):
        if not scale_first:
            mean, spread = X[train].mean(axis=0), X[train].std(axis=0)
        model = LogisticRegression(C=C, max_iter=5000).fit((X[train] - mean) / spread, y[train])
        p = model.predict_proba((X[test] - mean) / spread)[:, 1]
        if accuracy:
            found.append(-np.mean((p > 0.5) == y[test]))
        else:
            found.append(-np.mean(np.log(np.where(y[test] == 1, p, 1 - p))))
    return float(np.mean(found))


rows = np.random.default_rng(1).permutation(569)[:110]
table = data.breast_cancer()
label = table.pop("malignant").to_numpy()[rows]
X = table.to_numpy()[rows][:, :12] * 7.0
with check("110 samples, by hand", points=2):
    for candidates, k in [([100.0, 1.0, 0.01, 10.0], 5), ([0.001, 0.03, 30.0, 3000.0], 3)]:
        losses = [loss_by_hand(X, label, C, k) for C in candidates]
        best = int(np.argmin(losses))
        given = f"110 samples, 12 columns, Cs = {candidates}, k = {k}"
        C, loss = choose_C(X.copy(), label.copy(), list(candidates), k)
        by_accuracy = candidates[
            int(np.argmin([loss_by_hand(X, label, C, k, accuracy=True) for C in candidates]))
        ]
        checks.close(
            loss,
            losses[best],
            rtol=1e-3,
            given=given,
            what="the loss",
            mistakes=[
                checks.Mistake(
                    "scaler outside the folds",
                    looks_like=min(
                        loss_by_hand(X, label, C, k, scale_first=True) for C in candidates
                    ),
                    says="The columns were standardised with all rows before the folds were made. Put the scaler into the pipeline.",
                ),
                checks.Mistake(
                    "the sign of neg_log_loss",
                    looks_like=-max(losses),
                    says="scikit-learn gives the *negative* log loss, so that larger is better. Turn it round before you minimise.",
                ),
                checks.Mistake(
                    "chosen by accuracy",
                    when=lambda loss=loss: 0.75 < abs(checks.number(loss)) <= 1,
                    says="This is an accuracy. Many values of C have nearly the same; the log loss tells them apart.",
                ),
            ],
        )
        checks.close(C, candidates[best], given=given, what="C")
with check("five folds where nothing is said, the first of equals", points=0.5):
    C, loss = choose_C(X.copy(), label.copy(), [3.0, 3.0])
    checks.close(
        loss, loss_by_hand(X, label, 3.0, 5), rtol=1e-3, given="Cs = [3, 3]", what="the loss"
    )
    checks.close(C, 3.0, given="Cs = [3, 3]", what="C")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "choose_C", "name": "scaler outside the folds"}
def choose_C(X, y, Cs, k=5):
    folds, Z = StratifiedKFold(k, shuffle=True, random_state=0), StandardScaler().fit_transform(X)
    losses = [
        -cross_val_score(
            LogisticRegression(C=C, max_iter=5000), Z, y, cv=folds, scoring="neg_log_loss"
        ).mean()
        for C in Cs
    ]
    return Cs[int(np.argmin(losses))], float(min(losses))


# %% tags=["mistake"] mistake={"exercise": "choose_C", "name": "the sign of neg_log_loss"}
def choose_C(X, y, Cs, k=5):
    folds = StratifiedKFold(k, shuffle=True, random_state=0)
    losses = []
    for C in Cs:
        model = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=5000))
        losses.append(cross_val_score(model, X, y, cv=folds, scoring="neg_log_loss").mean())
    return Cs[int(np.argmin(losses))], float(min(losses))


# %% tags=["mistake"] mistake={"exercise": "choose_C", "name": "chosen by accuracy"}
def choose_C(X, y, Cs, k=5):
    folds = StratifiedKFold(k, shuffle=True, random_state=0)
    scores = []
    for C in Cs:
        model = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=5000))
        scores.append(cross_val_score(model, X, y, cv=folds).mean())
    return Cs[int(np.argmax(scores))], float(max(scores))


# %% tags=["alternative"] alternative={"exercise": "choose_C", "name": "GridSearchCV"}
def choose_C(X, y, Cs, k=5):
    from sklearn.model_selection import GridSearchCV

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
    search = GridSearchCV(
        model,
        {"logisticregression__C": list(Cs)},
        scoring="neg_log_loss",
        cv=StratifiedKFold(k, shuffle=True, random_state=0),
    ).fit(X, y)
    return search.best_params_["logisticregression__C"], -search.best_score_


# %% tags=["alternative"] alternative={"exercise": "choose_C", "name": "fold by fold"}
def choose_C(X, y, Cs, k=5):
    from sklearn.metrics import log_loss

    losses = np.zeros((len(Cs), k))
    splits = StratifiedKFold(k, shuffle=True, random_state=0).split(X, y)
    for j, (train, test) in enumerate(splits):
        scaler = StandardScaler().fit(X[train])
        for i, C in enumerate(Cs):
            model = LogisticRegression(C=C, max_iter=5000).fit(scaler.transform(X[train]), y[train])
            losses[i, j] = log_loss(y[test], model.predict_proba(scaler.transform(X[test])))
    means = losses.mean(axis=1)
    return Cs[means.argmin()], means.min()


# %% [markdown]
# **Asked next**: *"Your grid was 0.1, 1, 10, and 10 won. What now?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# The best is at the edge, so the grid was too short: go on with 100 and 1,000. If the loss keeps falling, the penalty isn't needed. That is
# plausible with many rows and few columns, and suspicious otherwise: then look for copies of rows in several folds.
#
# </details>

# %% [markdown]
# ## 6 · A network that can memorise
#
# scikit-learn's digits: 1,797 pictures of 8 × 8 pixels. We give a network only 150 of them to learn from, and plant errors: 15 % of these
# get a random label. 256 hidden units can memorise all of it, errors included. Which remedy keeps it from doing so?

# %% jupyter={"source_hidden": true}
# How the next figure is made
pixels, digits = load_digits(return_X_y=True)
shuffled = np.random.default_rng(0).permutation(len(pixels))
small, unseen = shuffled[:150], shuffled[797:]
spoiler = np.random.default_rng(1)
spoiled = digits[small].copy()
flip = spoiler.random(150) < 0.15
spoiled[flip] = spoiler.integers(0, 10, flip.sum())
pictures = torch.tensor(pixels / 16, dtype=torch.float32)
truth = torch.tensor(digits)


def curves(dropout, weight_decay, seed, steps=200):
    torch.manual_seed(seed)
    net = torch.nn.Sequential(
        torch.nn.Linear(64, 256),
        torch.nn.ReLU(),
        torch.nn.Dropout(dropout),
        torch.nn.Linear(256, 10),
    )
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=weight_decay)
    labels, found = torch.tensor(spoiled), []
    for step in range(steps):
        net.train()
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(pictures[small]), labels)
        loss.backward()
        optimiser.step()
        if step % 10 == 9:
            net.eval()
            with torch.no_grad():
                test = torch.nn.functional.cross_entropy(net(pictures[unseen]), truth[unseen])
                fit = torch.nn.functional.cross_entropy(net(pictures[small]), labels)
            found.append((fit.item(), test.item()))
    return np.array(found)


settings = {
    "nothing": (0.0, 0.0),
    "dropout 0.5": (0.5, 0.0),
    "weight decay 1": (0.0, 1.0),
    "both": (0.5, 1.0),
}
mean_curves = {
    name: np.mean([curves(*setting, seed) for seed in range(3)], axis=0)
    for name, setting in settings.items()
}
fig, axes = plt.subplots(1, 2, figsize=(9.4, 3.8), layout="constrained", sharex=True)
for (name, curve), colour in zip(mean_curves.items(), (RED, BLUE, ORANGE, GREEN), strict=True):
    for ax, column in zip(axes, (0, 1), strict=True):
        ax.plot(np.arange(10, 201, 10), curve[:, column], color=colour, lw=2, label=name)
axes[0].set(
    xlabel="step",
    ylabel="log loss, nats",
    yscale="log",
    title="150 training digits, errors included",
)
axes[1].set(xlabel="step", ylabel="log loss, nats", title="1,000 unseen digits: it turns up again")
axes[1].legend(frameon=False)
for ax in axes:
    ax.grid(alpha=0.3)
widgets.show(
    fig,
    alt="Left: training loss by step. Without regularization it falls to a thousandth; with weight decay it stays far above "
    "that. Right: loss on unseen digits. All four fall to nearly the same lowest value within about fifty steps, then rise: "
    "without regularization steeply, with dropout and weight decay together least.",
)

# %%
best = {name: curve[:, 1].min() for name, curve in mean_curves.items()}
last = {name: curve[-1, 1] for name, curve in mean_curves.items()}
pd.DataFrame({"lowest loss on unseen digits": best, "loss after 200 steps": last})

# %% [markdown]
# **What it showed.** The lowest points hardly differ: on this task, stopping in time is as good as any of the others, and costs only validation
# rows. What dropout and weight decay buy is a *flatter* curve. You needn't catch the right step, and a noisy validation curve does less harm.
# The training loss alone would not have told you when to stop.
#
# ## Exercise 5 · Train with dropout, predict without
#
# *Difficulty 3 of 5 · 15 minutes · 4 points*
#
# Write the loop and the prediction. Results are compared with a reference that draws the same random numbers, so keep to the order in the
# docstring.
#
# *Worked example*: with `dropout=0` it doesn't matter in which mode you predict. With `dropout=0.5` it does: in training mode half of the
# hidden units are missing, and two predictions of one picture differ.

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "train_network",
    "Dropout behaves in two ways. Who tells the network which one you want?",
    "net.train() before the steps, net.eval() and torch.no_grad() before the prediction.",
    "torch.softmax(net(new), dim=1).numpy() after net.eval(); AdamW takes weight_decay, Adam's means something else.",
)


# %% nbgrader={"grade": false, "grade_id": "train_network", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_network(X, y, X_new, dropout, weight_decay, steps, seed):
    """Train a small classifier and give its class probabilities for new rows.

    In this order: `torch.manual_seed(seed)`; the network `Linear(d, 32)`, ReLU, `Dropout(dropout)`,
    `Linear(32, 3)`, in PyTorch's default initialisation and float32; `steps` full-batch steps of
    `torch.optim.AdamW` with lr 0.01 and the given decoupled weight decay on the mean cross-entropy, with
    dropout active; then the prediction, with nothing dropped.

    Parameters
    ----------
    X : ndarray of float, shape (n, d)
    y : ndarray of int, shape (n,)
        Classes 0, 1 and 2.
    X_new : ndarray of float, shape (m, d)
    dropout : float
        Probability with which a hidden unit is dropped, at least 0 and below 1.
    weight_decay : float
        AdamW's, at least 0.
    steps, seed : int

    Returns
    -------
    ndarray of float, shape (m, 3)
        Probabilities; each row adds up to 1.
    """
    ### BEGIN SOLUTION
    torch.manual_seed(seed)
    rows, labels = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    net = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], 32),
        torch.nn.ReLU(),
        torch.nn.Dropout(dropout),
        torch.nn.Linear(32, 3),
    )
    adam = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=weight_decay)
    net.train()
    for _ in range(steps):
        adam.zero_grad()
        torch.nn.functional.cross_entropy(net(rows), labels).backward()
        adam.step()
    net.eval()
    with torch.no_grad():
        return torch.softmax(net(torch.tensor(X_new, dtype=torch.float32)), dim=1).numpy()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "train_network_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("train_network")
with check("three groups that are easy to tell apart", points=0.5):
    X = np.repeat(np.eye(3) * 3.0, 8, axis=0)
    y = np.repeat(np.arange(3), 8)
    given = "8 rows in each of 3 corners; dropout 0.2, no decay, 60 steps, seed 0"
    p = checks.array(train_network(X, y, X[::8], 0.2, 0.0, 60, 0), shape=(3, 3), given=given)
    checks.close(p.sum(axis=1), np.ones(3), atol=1e-4, given=given, what="the sum of each row")
    checks.that(
        np.diag(p).min() > 0.8, "Each corner's own class should get more than 0.8.", given=given
    )


### BEGIN HIDDEN TESTS
def reference(
    X, y, X_new, dropout, weight_decay, steps, seed, *, evaluate=True, optimiser="AdamW", rate=0.01, train=True,
    logits=False,
):  # fmt: skip
    """Do it step by step; each option is what a mistake does."""
    from torch.nn import functional as F

    torch.manual_seed(seed)
    first, second = torch.nn.Linear(X.shape[1], 32), torch.nn.Linear(32, 3)
    parameters = [*first.parameters(), *second.parameters()]
    step = getattr(torch.optim, optimiser)(parameters, lr=rate, weight_decay=weight_decay)

    def net(A, training):
        hidden = torch.relu(first(torch.tensor(A, dtype=torch.float32)))
        return second(F.dropout(hidden, dropout, training=training))

    for _ in range(steps):
        step.zero_grad()
        F.cross_entropy(net(X, train), torch.tensor(y)).backward()
        step.step()
    z = net(X_new, not evaluate).detach()
    return (z if logits else torch.softmax(z, dim=1)).numpy()


from sklearn.datasets import load_wine

with check("wines, digit by digit", points=3):
    wines, cultivar = load_wine(return_X_y=True)
    wines = (wines - wines.mean(axis=0)) / wines.std(axis=0)
    for dropout, decay, steps, seed in [(0.5, 0.0, 40, 0), (0.3, 2.0, 80, 1), (0.0, 5.0, 60, 2)]:
        ask = (wines[::3], cultivar[::3], wines[1::9], dropout, decay, steps, seed)
        mistakes = [
            checks.Mistake(
                "logits returned",
                looks_like=reference(*ask, logits=True),
                says="These are the network's raw outputs. Softmax over the classes turns them into probabilities.",
            ),
            checks.Mistake(
                "dropout never active",
                looks_like=reference(*ask, train=False) if dropout else None,
                says="The network was in evaluation mode while it was trained, so nothing was ever dropped.",
            ),
            checks.Mistake(
                "L2 penalty instead of decoupled decay",
                looks_like=reference(*ask, optimiser="Adam") if decay else None,
                says="`Adam(weight_decay=…)` adds the decay to the gradient, where Adam divides it by the gradient's size. AdamW "
                "shrinks the weights beside the step.",
            ),
            checks.Mistake(
                "keep probability instead of drop probability",
                looks_like=reference(*ask[:3], 1 - dropout, *ask[4:])
                if 0 < dropout != 0.5
                else None,
                says="PyTorch's Dropout takes the probability of dropping.",
            ),
            checks.Mistake(
                "predicts in training mode",
                looks_like=reference(*ask, evaluate=False) if dropout else None,
                says="Units were still being dropped when you predicted: call net.eval() first. Two predictions of one row would "
                "differ.",
            ),
        ]
        checks.close(
            train_network(*ask),
            reference(*ask),
            rtol=2e-3,
            atol=1e-4,
            given=f"60 wines to learn from, 20 to predict; dropout {dropout}, decay {decay}, {steps} steps, seed {seed}",
            mistakes=[one for one in mistakes if one.looks_like is not None],
        )
with check("the seed decides", points=0.5):
    ask = (wines[::3], cultivar[::3], wines[1::9], 0.5, 0.1, 20)
    checks.close(train_network(*ask, 3), train_network(*ask, 3), given="the same seed twice")
    checks.that(
        not np.allclose(train_network(*ask, 3), train_network(*ask, 4), atol=1e-4),
        "Two seeds give the same result.",
        given="seeds 3 and 4",
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "train_network", "name": "predicts in training mode"}
def train_network(X, y, X_new, dropout, weight_decay, steps, seed):
    torch.manual_seed(seed)
    rows, labels = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    net = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], 32),
        torch.nn.ReLU(),
        torch.nn.Dropout(dropout),
        torch.nn.Linear(32, 3),
    )
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=weight_decay)
    for _ in range(steps):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(net(rows), labels).backward()
        optimiser.step()
    with torch.no_grad():
        return torch.softmax(net(torch.tensor(X_new, dtype=torch.float32)), dim=1).numpy()


# %% tags=["mistake"] mistake={"exercise": "train_network", "name": "dropout never active"}
def train_network(X, y, X_new, dropout, weight_decay, steps, seed):
    torch.manual_seed(seed)
    rows, labels = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    net = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], 32),
        torch.nn.ReLU(),
        torch.nn.Dropout(dropout),
        torch.nn.Linear(32, 3),
    )
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=weight_decay)
    net.eval()
    for _ in range(steps):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(net(rows), labels).backward()
        optimiser.step()
    with torch.no_grad():
        return torch.softmax(net(torch.tensor(X_new, dtype=torch.float32)), dim=1).numpy()


# %% tags=["mistake"] mistake={"exercise": "train_network", "name": "L2 penalty instead of decoupled decay"}
def train_network(X, y, X_new, dropout, weight_decay, steps, seed):
    torch.manual_seed(seed)
    rows, labels = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    net = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], 32),
        torch.nn.ReLU(),
        torch.nn.Dropout(dropout),
        torch.nn.Linear(32, 3),
    )
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=weight_decay)
    for _ in range(steps):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(net(rows), labels).backward()
        optimiser.step()
    net.eval()
    with torch.no_grad():
        return torch.softmax(net(torch.tensor(X_new, dtype=torch.float32)), dim=1).numpy()


# %% tags=["mistake"] mistake={"exercise": "train_network", "name": "keep probability instead of drop probability"}
def train_network(X, y, X_new, dropout, weight_decay, steps, seed):
    torch.manual_seed(seed)
    rows, labels = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    drop = torch.nn.Dropout(1 - dropout)
    net = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], 32), torch.nn.ReLU(), drop, torch.nn.Linear(32, 3)
    )
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=weight_decay)
    for _ in range(steps):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(net(rows), labels).backward()
        optimiser.step()
    net.eval()
    with torch.no_grad():
        return torch.softmax(net(torch.tensor(X_new, dtype=torch.float32)), dim=1).numpy()


# %% tags=["mistake"] mistake={"exercise": "train_network", "name": "logits returned"}
def train_network(X, y, X_new, dropout, weight_decay, steps, seed):
    torch.manual_seed(seed)
    rows, labels = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    net = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], 32),
        torch.nn.ReLU(),
        torch.nn.Dropout(dropout),
        torch.nn.Linear(32, 3),
    )
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=weight_decay)
    for _ in range(steps):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(net(rows), labels).backward()
        optimiser.step()
    net.eval()
    with torch.no_grad():
        return net(torch.tensor(X_new, dtype=torch.float32)).numpy()


# %% tags=["alternative"] alternative={"exercise": "train_network", "name": "a module of one's own"}
def train_network(X, y, X_new, dropout, weight_decay, steps, seed):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = torch.nn.Linear(X.shape[1], 32), torch.nn.Linear(32, 3)

        def forward(self, A):
            hidden = self.first(A).relu()
            return self.second(torch.nn.functional.dropout(hidden, dropout, self.training))

    torch.manual_seed(seed)
    net, loss_of = Net(), torch.nn.CrossEntropyLoss()
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=weight_decay)
    for _ in range(steps):
        loss = loss_of(net(torch.from_numpy(X).float()), torch.from_numpy(y))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.inference_mode():
        return net.eval()(torch.from_numpy(X_new).float()).softmax(1).numpy()


# %% tags=["alternative"] alternative={"exercise": "train_network", "name": "decay by hand beside Adam"}
def train_network(X, y, X_new, dropout, weight_decay, steps, seed):
    torch.manual_seed(seed)
    net = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], 32),
        torch.nn.ReLU(),
        torch.nn.Dropout(dropout),
        torch.nn.Linear(32, 3),
    )
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    rows, labels = torch.as_tensor(X).float(), torch.as_tensor(y)
    for _ in range(steps):
        net.zero_grad()
        torch.nn.functional.nll_loss(net(rows).log_softmax(dim=1), labels).backward()
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.mul_(1 - 0.01 * weight_decay)
        optimiser.step()
    net.eval()
    z = net(torch.as_tensor(X_new).float()).detach().numpy()
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


# %% [markdown]
# **Asked next**: *"Would you decay biases as well?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# Mostly not, and for the reason that the intercept isn't penalised: a bias sets a level, it doesn't make the function rough. AdamW decays all that
# it is given, so one passes two groups of parameters, one with weight decay and one without, the latter for biases and the scales of
# normalisation layers. In small networks the difference is small.
#
# </details>

# %% [markdown]
# ## 7 · Three bugs that raise no error
#
# Each of the following functions runs and returns plausible numbers. Look at what it shows, commit to a cause, then write the repaired function.
# Change as little as you need.

# %% [markdown]
# ## Exercise 6 · Bug 1: better than it should be
#
# *Difficulty 2 of 5 · 8 minutes · 3 points*
#
# The function measures ridge on held-out rows. Watch what it says when one huge value is planted in the *test* rows, which the model
# hasn't seen. Its coefficients change.
#
# *Worked example*, of the repaired function: training rows 0 and 2 with targets 1 and 5, λ = 1. They are standardised to −1 and 1; ridge
# gives the coefficient 1 where least squares gives 2, and the intercept 3. The standard deviation is 1, so the coefficient per raw unit is 1
# too. A test row 4 with target 7 becomes 3, its prediction is 6, and the mean squared error 1.


# %%
def holdout_broken(X_train, y_train, X_test, y_test, lam):
    scaler = StandardScaler().fit(np.vstack([X_train, X_test]))
    model = Ridge(alpha=len(y_train) * lam).fit(scaler.transform(X_train), y_train)
    error = np.mean((model.predict(scaler.transform(X_test)) - y_test) ** 2)
    return model.coef_ / scaler.scale_, float(error)


columns = H.to_numpy()
planted = columns.copy()
planted[200, 0] = 1e5
before = holdout_broken(columns[:180], pay[:180], columns[180:], pay[180:], 0.1)[0]
after = holdout_broken(planted[:180], pay[:180], planted[180:], pay[180:], 0.1)[0]
print(f"at_bat's coefficient: {before[0]:.5f}; with one wrong test row: {after[0]:.7f}")

# %%
widgets.predict(
    "Why do the coefficients depend on a test row?",
    options=[
        "The penalty is too small",
        "The scaler was fitted on training and test rows together",
        "The test error is used to choose λ",
        "Ridge has no unique solution here",
    ],
    answer="The scaler was fitted on training and test rows together",
    why="The planted value makes the column's spread huge, so its standardised values are tiny and its coefficient is penalised almost to "
    "nothing. Nothing of a test row may reach the fit, not even its mean.",
    id="reg_use_bug_1",
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "holdout",
    "Which lines see the test rows? Which of them may?",
    "The scaler learns means and spreads. From which rows may it?",
    "StandardScaler().fit(X_train), and transform both with it.",
)


# %% nbgrader={"grade": false, "grade_id": "holdout", "locked": false, "schema_version": 3, "solution": true, "task": false}
def holdout(X_train, y_train, X_test, y_test, lam):
    """`holdout_broken`, repaired: ridge on standardised columns, judged on rows it hasn't seen.

    Parameters
    ----------
    X_train, X_test : ndarray of float, shapes (n, d), (m, d)
    y_train, y_test : ndarray of float, shapes (n,), (m,)
    lam : float
        λ in our objective, on the standardised columns.

    Returns
    -------
    (ndarray of float, shape (d,), float)
        Coefficients per unit of the raw columns, and the mean squared error on the test rows.
    """
    ### BEGIN SOLUTION
    path = make_pipeline(StandardScaler(), Ridge(alpha=len(X_train) * lam)).fit(X_train, y_train)
    residual = path.predict(X_test) - y_test
    return path[-1].coef_ / path[0].scale_, float(np.mean(residual**2))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "holdout_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("holdout")
with check("a planted test value changes no coefficient", points=1):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2)) + 1
    y = X @ [1.0, -1.0] + rng.normal(size=40)
    spoilt = X.copy()
    spoilt[35, 0] = 1e6
    given = "30 training rows, 10 test rows, one test value set to 1,000,000; λ = 0.1"
    honest = holdout(X[:30], y[:30], X[30:], y[30:], 0.1)[0]
    checks.close(
        holdout(spoilt[:30], y[:30], spoilt[30:], y[30:], 0.1)[0], checks.array(honest, shape=(2,)),
        given=given, what="the coefficients",
    )  # fmt: skip


### BEGIN HIDDEN TESTS
def ridge_by_hand(X, y, X_new, lam, mean, spread):
    """Give raw coefficients and predictions for columns scaled as told."""
    A, B = (X - mean) / spread, (X_new - mean) / spread
    centre = A.mean(axis=0)
    w = np.linalg.solve(
        (A - centre).T @ (A - centre) + len(y) * lam * np.eye(A.shape[1]),
        (A - centre).T @ (y - y.mean()),
    )
    return w / spread, (B - centre) @ w + y.mean()


rng = np.random.default_rng(5)
X = rng.normal(size=(60, 4)) * [1.0, 30.0, 0.2, 5.0] + [0.0, 100.0, 1.0, -3.0]
X[40:] += [1.0, 20.0, 0.3, -4.0]
y = X @ [1.0, 0.05, 2.0, -0.3] + rng.normal(size=60)
split = (X[:40], y[:40], X[40:], y[40:])
with check("four columns, by hand", points=2):
    for lam in (0.2, 3.0):
        given = f"40 training and 20 test rows, 4 columns of different scale, λ = {lam}"
        mean, spread = X[:40].mean(axis=0), X[:40].std(axis=0)
        w, said = ridge_by_hand(X[:40], y[:40], X[40:], lam, mean, spread)
        together = ridge_by_hand(X[:40], y[:40], X[40:], lam, X.mean(axis=0), X.std(axis=0))
        raw = ridge_by_hand(X[:40], y[:40], X[40:], lam, 0.0, np.ones(4))
        own = ridge_by_hand(X[:40], y[:40], X[40:], lam, mean, spread)[0] * spread
        self_scaled = (X[40:] - X[40:].mean(axis=0)) / X[40:].std(axis=0) @ own + y[:40].mean()
        got_w, got_error = holdout(*(part.copy() for part in split), lam)
        scaled_apart = checks.Mistake(
            "test rows scaled by themselves",
            looks_like=float(np.mean((self_scaled - y[40:]) ** 2)),
            says="The test rows were standardised with their own means and spreads. They have to go through the scaler that was fitted "
            "on training rows.",
        )
        checks.close(
            got_w,
            w,
            rtol=1e-6,
            given=given,
            what="the coefficients",
            mistakes=[
                checks.Mistake(
                    "still fitted on both",
                    looks_like=together[0],
                    says="The scaler still sees the test rows.",
                ),
                checks.Mistake(
                    "scaling removed",
                    looks_like=raw[0],
                    says="Without a scaler nothing leaks, and the penalty depends on units. Keep it, fitted on training rows.",
                ),
                checks.Mistake(
                    "coefficients of the scaled columns",
                    looks_like=w * spread,
                    says="These are per standard deviation. Divide by the spreads to get them per unit of the raw column.",
                ),
            ],
        )
        checks.close(
            got_error, float(np.mean((said - y[40:]) ** 2)), rtol=1e-6, given=given, what="the error",
            mistakes=[scaled_apart],
        )  # fmt: skip
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "holdout", "name": "still fitted on both"}
def holdout(X_train, y_train, X_test, y_test, lam):
    both = np.vstack([X_train, X_test])
    mean, spread = both.mean(axis=0), both.std(axis=0)
    model = Ridge(alpha=len(y_train) * lam).fit((X_train - mean) / spread, y_train)
    return model.coef_ / spread, np.mean((model.predict((X_test - mean) / spread) - y_test) ** 2)


# %% tags=["mistake"] mistake={"exercise": "holdout", "name": "test rows scaled by themselves"}
def holdout(X_train, y_train, X_test, y_test, lam):
    scaler = StandardScaler().fit(X_train)
    model = Ridge(alpha=len(y_train) * lam).fit(scaler.transform(X_train), y_train)
    error = np.mean((model.predict(StandardScaler().fit_transform(X_test)) - y_test) ** 2)
    return model.coef_ / scaler.scale_, float(error)


# %% tags=["mistake"] mistake={"exercise": "holdout", "name": "scaling removed"}
def holdout(X_train, y_train, X_test, y_test, lam):
    model = Ridge(alpha=len(y_train) * lam).fit(X_train, y_train)
    return model.coef_, float(np.mean((model.predict(X_test) - y_test) ** 2))


# %% tags=["mistake"] mistake={"exercise": "holdout", "name": "coefficients of the scaled columns"}
def holdout(X_train, y_train, X_test, y_test, lam):
    model = make_pipeline(StandardScaler(), Ridge(alpha=len(y_train) * lam)).fit(X_train, y_train)
    return model[-1].coef_, float(np.mean((model.predict(X_test) - y_test) ** 2))


# %% tags=["alternative"] alternative={"exercise": "holdout", "name": "scaler and model apart"}
def holdout(X_train, y_train, X_test, y_test, lam):
    scaler = StandardScaler().fit(X_train)
    model = Ridge(alpha=len(y_train) * lam).fit(scaler.transform(X_train), y_train)
    error = np.mean((model.predict(scaler.transform(X_test)) - y_test) ** 2)
    return model.coef_ / scaler.scale_, float(error)


# %% tags=["alternative"] alternative={"exercise": "holdout", "name": "NumPy"}
def holdout(X_train, y_train, X_test, y_test, lam):
    mean, spread = X_train.mean(axis=0), X_train.std(axis=0)
    A, n = (X_train - mean) / spread, len(X_train)
    w = np.linalg.solve(
        A.T @ A / n + lam * np.eye(A.shape[1]), A.T @ (y_train - y_train.mean()) / n
    )
    said = (X_test - mean) / spread @ w + y_train.mean()
    return w / spread, np.mean((said - y_test) ** 2)


# %% [markdown]
# **Asked next**: *"The scaler never saw a target, so nothing has leaked. True?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# No target leaked; the test rows' features did. The fit depends on rows that a model in service will not have seen yet, so the error is not
# the one it will have there. With thousands of well-behaved rows the difference is tiny, with one outlier it is everything, and the same
# habit with a target encoding leaks targets too. To check: change one test row, fit again, compare the coefficients.
#
# </details>
#
# ## Exercise 7 · Bug 2: the forecast that depends on where zero is
#
# *Difficulty 2 of 5 · 8 minutes · 3 points*
#
# Ridge, written with a column of ones. Temperatures go in, in degrees Celsius, and then the same in kelvin. A forecast in kelvin should be the
# one in Celsius plus 273.15.
#
# *Worked example*, of the repaired function: x = −1 and 1, y = 10 and 14, λ = 1. The coefficient is 2 / (1 + 1) = 1 and the intercept 12, so
# the forecast for x = 1 is 13. With 273.15 added to both targets it is 286.15.


# %%
def forecast_broken(X, y, X_new, lam):
    ones, ones_new = np.ones((len(X), 1)), np.ones((len(X_new), 1))
    model = Ridge(alpha=len(y) * lam, fit_intercept=False).fit(np.hstack([X, ones]), y)
    return model.predict(np.hstack([X_new, ones_new]))


rng = np.random.default_rng(0)
hours = rng.normal(size=(100, 3))
celsius = 15 + hours @ [3.0, -1.0, 0.5] + rng.normal(size=100)
pd.DataFrame(
    {
        "forecast, °C": forecast_broken(hours[:80], celsius[:80], hours[80:84], 0.1),
        "forecast from kelvin, less 273.15": forecast_broken(
            hours[:80], celsius[:80] + 273.15, hours[80:84], 0.1
        )
        - 273.15,
        "measured": celsius[80:84],
    }
)

# %%
widgets.predict(
    "Why is the forecast from kelvin about 25 degrees too low?",
    options=[
        "λ is too large for this data",
        "The three columns are not standardised",
        "The intercept is penalised, so it is pulled towards zero",
        "Ridge can't fit large targets",
    ],
    answer="The intercept is penalised, so it is pulled towards zero",
    why="The column of ones has a coefficient like every other, and the penalty pulls it towards zero, here by about a tenth: of 288 kelvin, or of 15 degrees. The "
    "level of the data then depends on where one put zero.",
    id="reg_use_bug_2",
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "forecast",
    "Which coefficient sets the level, and what does the penalty do to it?",
    "Leave the ones out, and let Ridge fit an intercept of its own. It centres, so the penalty never sees the level.",
    "Ridge(alpha=len(y) * lam).fit(X, y).predict(X_new)",
)


# %% nbgrader={"grade": false, "grade_id": "forecast", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forecast(X, y, X_new, lam):
    """`forecast_broken`, repaired: ridge regression whose intercept is free.

    Parameters
    ----------
    X : ndarray of float, shape (n, d)
        Columns are used as they are, not standardised.
    y : ndarray of float, shape (n,)
    X_new : ndarray of float, shape (m, d)
    lam : float
        λ in our objective, at least 0.

    Returns
    -------
    ndarray of float, shape (m,)
        Predictions. Adding a constant to y adds it to them.
    """
    ### BEGIN SOLUTION
    return Ridge(alpha=len(y) * lam).fit(X, y).predict(X_new)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "forecast_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("forecast")
with check("kelvin and Celsius agree", points=1):
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(30, 2)), rng.normal(size=30)
    low, high = (forecast(X, y + level, X[:4], 0.5) for level in (0.0, 273.15))
    checks.close(
        checks.array(high, shape=(4,)) - 273.15, checks.array(low, shape=(4,)), atol=1e-6,
        given="30 random rows, λ = 0.5, y in °C and in kelvin", what="the forecast less 273.15",
    )  # fmt: skip
### BEGIN HIDDEN TESTS
with check("against the normal equations", points=2):
    rng = np.random.default_rng(2)
    for n, lam in [(40, 0.3), (25, 4.0)]:
        X = rng.normal(size=(n, 3)) * [1.0, 4.0, 0.5] + [2.0, -5.0, 1.0]
        y, X_new = 20 + X @ [1.0, 0.5, -2.0] + rng.normal(size=n), rng.normal(size=(6, 3))
        centre, level = X.mean(axis=0), y.mean()
        A = X - centre

        def solved(penalty, A=A, y=y, level=level):
            return np.linalg.solve(A.T @ A + penalty * np.eye(3), A.T @ (y - level))

        want = (X_new - centre) @ solved(n * lam) + level
        given = f"{n} random rows, 3 columns with means, λ = {lam}"
        ones = np.hstack([X, np.ones((n, 1))])
        full = np.linalg.solve(ones.T @ ones + n * lam * np.eye(4), ones.T @ y)
        checks.close(
            forecast(X.copy(), y.copy(), X_new.copy(), lam),
            want,
            rtol=1e-6,
            given=given,
            mistakes=[
                checks.Mistake(
                    "intercept still penalised",
                    looks_like=np.hstack([X_new, np.ones((6, 1))]) @ full,
                    says="The level is still pulled towards zero. Centre, or let Ridge fit the intercept.",
                ),
                checks.Mistake(
                    "penalty removed altogether",
                    looks_like=(X_new - centre) @ solved(0.0) + level,
                    says="This is least squares. Only the intercept should be free of the penalty.",
                ),
                checks.Mistake(
                    "only y centred",
                    looks_like=X_new
                    @ np.linalg.solve(X.T @ X + n * lam * np.eye(3), X.T @ (y - level))
                    + level,
                    says="y was centred and X wasn't, so at the mean of X the prediction isn't the mean of y. Centre both.",
                ),
                checks.Mistake(
                    "λ without n",
                    looks_like=(X_new - centre) @ solved(lam) + level,
                    says="Ridge's alpha is n·λ in our objective.",
                ),
            ],
        )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "forecast", "name": "intercept still penalised"}
def forecast(X, y, X_new, lam):
    A, B = (np.column_stack([np.ones(len(rows)), rows]) for rows in (X, X_new))
    w = np.linalg.solve(A.T @ A + len(y) * lam * np.eye(A.shape[1]), A.T @ y)
    return B @ w


# %% tags=["mistake"] mistake={"exercise": "forecast", "name": "penalty removed altogether"}
def forecast(X, y, X_new, lam):
    return LinearRegression().fit(X, y).predict(X_new)


# %% tags=["mistake"] mistake={"exercise": "forecast", "name": "only y centred"}
def forecast(X, y, X_new, lam):
    level = y.mean()
    return Ridge(alpha=len(y) * lam, fit_intercept=False).fit(X, y - level).predict(X_new) + level


# %% tags=["mistake"] mistake={"exercise": "forecast", "name": "λ without n"}
def forecast(X, y, X_new, lam):
    return Ridge(alpha=lam).fit(X, y).predict(X_new)


# %% tags=["alternative"] alternative={"exercise": "forecast", "name": "ones, without a penalty on them"}
def forecast(X, y, X_new, lam):
    A, B = (np.column_stack([rows, np.ones(len(rows))]) for rows in (X, X_new))
    penalty = len(y) * lam * np.eye(A.shape[1])
    penalty[-1, -1] = 0
    return B @ np.linalg.solve(A.T @ A + penalty, A.T @ y)


# %% tags=["alternative"] alternative={"exercise": "forecast", "name": "centred by hand"}
def forecast(X, y, X_new, lam):
    mean, level, n = X.mean(axis=0), y.mean(), len(y)
    A = X - mean
    w = np.linalg.lstsq(
        np.vstack([A, np.sqrt(n * lam) * np.eye(A.shape[1])]),
        np.append(y - level, np.zeros(A.shape[1])),
        rcond=None,
    )[0]
    return (X_new - mean) @ w + level


# %% [markdown]
# **Asked next**: *"Where else is an intercept penalised without anybody asking for it?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# In `LogisticRegression(solver="liblinear")`, which adds a column of ones as this function did (`intercept_scaling` softens it). In PyTorch, where
# `weight_decay` acts on every parameter that the optimiser is given, biases included. And wherever a column of ones is among the features. To
# check a regression: add 1,000 to every target; every prediction must rise by 1,000.
#
# </details>
#
# ## Exercise 8 · Bug 3: the λ that knew the answers
#
# *Difficulty 3 of 5 · 12 minutes · 4 points*
#
# A colleague reports an R² of their lasso on held-out rows. The columns below are *pure noise*: nothing can be predicted from them, so an honest
# R² is zero or less on average.
#
# *Worked example*: with a single λ there is nothing to choose, so the broken and the repaired function return the same: that λ, and the test
# error of the lasso fitted on the training rows.


# %%
def choose_and_report_broken(X_train, y_train, X_test, y_test, lams):
    errors = [
        np.mean((Lasso(alpha=lam).fit(X_train, y_train).predict(X_test) - y_test) ** 2)
        for lam in lams
    ]
    best = int(np.argmin(errors))
    return lams[best], float(errors[best])


rng = np.random.default_rng(3)
reported = []
for _ in range(200):
    noise, target = rng.normal(size=(60, 30)), rng.normal(size=60)
    _, error = choose_and_report_broken(
        noise[:40], target[:40], noise[40:], target[40:], [0.02, 0.05, 0.1, 0.15, 0.2]
    )
    reported.append(1 - error / np.mean((target[40:] - target[:40].mean()) ** 2))
share_positive = np.mean(np.array(reported) > 0)
print(f"200 tables of noise: {share_positive:.0%} report a positive R²")

# %%
widgets.predict(
    "How can noise have a positive R² that often?",
    options=[
        "Lasso finds structure in noise that is really there",
        "λ was chosen on the rows that the error is reported on",
        "The scaler was fitted on all rows",
        "20 test rows are too few for any R²",
    ],
    answer="λ was chosen on the rows that the error is reported on",
    why="Five tries on the same 20 rows, and the luckiest is reported. Choosing is fitting, if only one number: it needs rows of its own. Few test rows "
    "make it worse, and aren't the cause: a λ that was chosen elsewhere would come out above zero less often.",
    id="reg_use_bug_3",
)

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "choose_and_report",
    "What would have to happen to the chosen λ if the test targets were shuffled?",
    "Choose λ by folds within the training rows, fit once more on all of them, and only then look at the test rows.",
    "for each λ: cross_val_score(Lasso(alpha=λ), X_train, y_train, cv=folds, scoring='neg_mean_squared_error').mean()",
)


# %% nbgrader={"grade": false, "grade_id": "choose_and_report", "locked": false, "schema_version": 3, "solution": true, "task": false}
def choose_and_report(X_train, y_train, X_test, y_test, lams):
    """`choose_and_report_broken`, repaired: lasso whose λ is chosen without the test rows.

    λ has the smallest mean squared error, averaged over `KFold(5, shuffle=True, random_state=0)` on
    the training rows; of equal ones, the first in `lams`. Then `Lasso(alpha=λ)` is fitted on all
    training rows. Columns are used as they are.

    Parameters
    ----------
    X_train, X_test : ndarray of float, shapes (n, d), (m, d)
    y_train, y_test : ndarray of float, shapes (n,), (m,)
    lams : list of float
        Candidates.

    Returns
    -------
    (float, float)
        The chosen λ, and the mean squared error on the test rows.
    """
    ### BEGIN SOLUTION
    folds = KFold(5, shuffle=True, random_state=0)
    scores = [
        cross_val_score(
            Lasso(alpha=lam), X_train, y_train, cv=folds, scoring="neg_mean_squared_error"
        ).mean()
        for lam in lams
    ]
    lam = lams[int(np.argmax(scores))]
    said = Lasso(alpha=lam).fit(X_train, y_train).predict(X_test)
    return lam, float(np.mean((said - y_test) ** 2))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "choose_and_report_test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check = checks.start("choose_and_report")
with check("other test targets don't change the choice", points=1):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 5))
    y = X @ [1.0, 0.5, 0.0, 0.0, 0.0] + rng.normal(size=50)
    lams = [0.01, 0.1, 0.5]
    chosen = {
        checks.number(choose_and_report(X[:30], y[:30], X[30:], targets, lams)[0])
        for targets in (y[30:], -y[30:], 0 * y[30:], rng.normal(size=20))
    }
    checks.that(
        len(chosen) == 1,
        f"Four sets of test targets choose {sorted(chosen)}.",
        given="30 training rows, 20 test rows",
    )


### BEGIN HIDDEN TESTS
def fold_errors(X, y, lam):
    found = []
    for train, test in KFold(5, shuffle=True, random_state=0).split(X):
        found.append(
            np.mean((Lasso(alpha=lam).fit(X[train], y[train]).predict(X[test]) - y[test]) ** 2)
        )
    return found


with check("two tables, by hand", points=3):
    # In each, these folds, other folds, the test rows and the training rows would choose differently.
    lams = [round(float(lam), 4) for lam in np.geomspace(0.01, 1, 25)]
    for seed in (0, 2):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(70, 8))
        y = 2 + X @ np.r_[1.5, -1.0, 0.3, np.zeros(5)] + 1.5 * rng.normal(size=70)
        parts = (X[:45], y[:45], X[45:], y[45:])
        in_folds = [np.mean(fold_errors(X[:45], y[:45], one)) for one in lams]
        fits = [Lasso(alpha=one).fit(X[:45], y[:45]) for one in lams]
        on_test = [float(np.mean((fit.predict(X[45:]) - y[45:]) ** 2)) for fit in fits]
        on_train = [float(np.mean((fit.predict(X[:45]) - y[:45]) ** 2)) for fit in fits]
        best, by_test, by_train = (int(np.argmin(e)) for e in (in_folds, on_test, on_train))
        given = f"45 training and 25 test rows, 8 columns, 25 values of λ (table {seed})"
        got_lam, got_error = choose_and_report(*(part.copy() for part in parts), list(lams))
        checks.close(
            got_error,
            on_test[best],
            rtol=1e-6,
            given=given,
            what="the error",
            mistakes=[
                checks.Mistake(
                    "the folds' error reported",
                    looks_like=min(in_folds),
                    says="This is the error in the folds, the one that λ was chosen by. Report the test rows' error.",
                ),
                checks.Mistake(
                    "still chosen on the test rows",
                    looks_like=on_test[by_test],
                    says="This is the smallest error that any λ has on the test rows. They may be looked at once, after the choice.",
                ),
                checks.Mistake(
                    "chosen by the training error",
                    looks_like=on_test[by_train],
                    says="The training error always likes the weakest penalty best. Choose by rows that the fit hasn't seen.",
                ),
            ],
        )
        checks.close(got_lam, lams[best], given=given, what="λ")
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "choose_and_report", "name": "still chosen on the test rows"}
def choose_and_report(X_train, y_train, X_test, y_test, lams):
    errors = [
        np.mean((Lasso(alpha=lam).fit(X_train, y_train).predict(X_test) - y_test) ** 2)
        for lam in lams
    ]
    return lams[int(np.argmin(errors))], float(min(errors))


# %% tags=["mistake"] mistake={"exercise": "choose_and_report", "name": "chosen by the training error"}
def choose_and_report(X_train, y_train, X_test, y_test, lams):
    fits = [Lasso(alpha=lam).fit(X_train, y_train) for lam in lams]
    errors = [np.mean((fit.predict(X_train) - y_train) ** 2) for fit in fits]
    best = int(np.argmin(errors))
    return lams[best], float(np.mean((fits[best].predict(X_test) - y_test) ** 2))


# %% tags=["mistake"] mistake={"exercise": "choose_and_report", "name": "the folds' error reported"}
def choose_and_report(X_train, y_train, X_test, y_test, lams):
    folds = KFold(5, shuffle=True, random_state=0)
    errors = [
        -cross_val_score(
            Lasso(alpha=lam), X_train, y_train, cv=folds, scoring="neg_mean_squared_error"
        ).mean()
        for lam in lams
    ]
    return lams[int(np.argmin(errors))], float(min(errors))


# %% tags=["alternative"] alternative={"exercise": "choose_and_report", "name": "GridSearchCV"}
def choose_and_report(X_train, y_train, X_test, y_test, lams):
    from sklearn.model_selection import GridSearchCV

    search = GridSearchCV(
        Lasso(),
        {"alpha": list(lams)},
        scoring="neg_mean_squared_error",
        cv=KFold(5, shuffle=True, random_state=0),
    ).fit(X_train, y_train)
    return search.best_params_["alpha"], -search.score(X_test, y_test)


# %% tags=["alternative"] alternative={"exercise": "choose_and_report", "name": "fold by fold"}
def choose_and_report(X_train, y_train, X_test, y_test, lams):
    errors = np.zeros((5, len(lams)))
    for i, (train, test) in enumerate(KFold(5, shuffle=True, random_state=0).split(X_train)):
        for j, lam in enumerate(lams):
            said = Lasso(alpha=lam).fit(X_train[train], y_train[train]).predict(X_train[test])
            errors[i, j] = ((said - y_train[test]) ** 2).mean()
    lam = lams[errors.mean(axis=0).argmin()]
    return lam, ((Lasso(alpha=lam).fit(X_train, y_train).predict(X_test) - y_test) ** 2).mean()


# %% [markdown]
# **Asked next**: *"You repaired it, and the R² is now −0.04. Your colleague asks for the old number
# back. What do you say?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# That the old number was the best of five draws, and show it: shuffle the targets, so that nothing can be predicted, and run the old function. It
# still reports a positive R² in many tries. Then say what the data do support: nothing so far, or an interval from folds. A model that
# goes out on the old number comes back with the new one.
#
# </details>

# %% [markdown]
# ## 8 · Compare and decide
#
# The right penalty depends on the situation, and an interviewer wants the reason with the choice.
#
# ## Exercise 9 · Which penalty would you take here?
#
# *Difficulty 2 of 5 · 6 minutes · 3 points*
#
# Three situations, one letter for each.
#
# *Worked example*: for the salaries of section 2 all penalties were within half a standard error of one another, so something else decides. If a
# short list of columns is wanted, take lasso.
#
# **sensors**: 400 machines, 2,000 columns from sensors that sit in groups of ten and measure nearly the same. You are to name the groups that
# matter, and the list should not change every week.
#
# - A. Lasso
# - B. Ridge
# - C. Elastic net, and how often each group is kept in bootstrap samples
# - D. Least squares, and the columns with p below 0.05
#
# **score**: 2 million loans, 40 columns, a logistic model. Somebody proposes a week of tuning C.
#
# - A. Agree: C is the most important setting
# - B. Check the log loss at C = 0.01, 1 and 100 on held-out rows; it will hardly differ, and the week goes into better columns
# - C. Take C = 1, since it is the default
# - D. Leave the penalty out, since it only adds bias
#
# **memory**: an image classifier has a training loss of zero, and its validation loss has risen since epoch 8 of 60. You may change one thing
# today.
#
# - A. Train for longer, until the validation loss comes down
# - B. Keep the weights of epoch 8
# - C. Make the network twice as wide
# - D. Choose the epoch by the loss on the test rows

# %% tags=["on_open", "hints"] jupyter={"source_hidden": true}
learner.hints(
    "decide_penalty",
    "For each: what is scarce, rows, columns or your time?",
    "Groups of correlated columns: which penalty keeps groups? Many rows, few columns: how much variance is there to take away?",
    "Go back to the bars of section 4, the table of section 2, and the curves of section 6.",
)


# %% nbgrader={"grade": false, "grade_id": "decide_penalty", "locked": false, "schema_version": 3, "solution": true, "task": false}
def decide_penalty():
    """Return your three decisions.

    Returns
    -------
    dict of str
        Keys "sensors", "score" and "memory"; each value is one letter, "A" to "D".
    """
    ### BEGIN SOLUTION
    return {"sensors": "C", "score": "B", "memory": "B"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "decide_penalty_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check = checks.start("decide_penalty")
with check("one letter for each situation", points=0):
    answers = decide_penalty()
    for situation in ("sensors", "score", "memory"):
        checks.one_of(answers[situation], list("ABCDabcd"), what=situation)
### BEGIN HIDDEN TESTS
with check("sensors", points=1):
    checks.choice(
        decide_penalty()["sensors"],
        "C",
        why={
            "A": "Lasso keeps one sensor of each group, and which one changes with every sample.",
            "B": "Ridge keeps all 2,000: it names nothing.",
            "D": "With 2,000 columns and 400 rows least squares isn't unique, and p-values of it don't exist.",
        },
    )
with check("score", points=1):
    checks.choice(
        decide_penalty()["score"],
        "B",
        why={
            "A": "With 50,000 rows for each column there is hardly any variance to take away.",
            "C": "It may well be fine, but you'd say so without having looked, and C = 1 depends on the number of rows.",
            "D": "A weak penalty costs nothing here and guards against separable columns. And it's a claim that nobody measured.",
        },
    )
with check("memory", points=1):
    checks.choice(
        decide_penalty()["memory"],
        "B",
        why={
            "A": "It has risen for 52 epochs. What it has learned since is the training rows by heart.",
            "C": "More capacity may help in other ways. Today it memorises faster.",
            "D": "Then the test rows have chosen, and can't judge any more.",
        },
    )
### END HIDDEN TESTS
check.report()


# %% tags=["mistake"] mistake={"exercise": "decide_penalty", "name": "A"}
def decide_penalty():
    return {"sensors": "A", "score": "B", "memory": "B"}


# %% tags=["mistake"] mistake={"exercise": "decide_penalty", "name": "C"}
def decide_penalty():
    return {"sensors": "C", "score": "C", "memory": "B"}


# %% tags=["mistake"] mistake={"exercise": "decide_penalty", "name": "D"}
def decide_penalty():
    return {"sensors": "C", "score": "B", "memory": "D"}


# %% tags=["alternative"] alternative={"exercise": "decide_penalty", "name": "small letters"}
def decide_penalty():
    return {"sensors": "c", "score": "b", "memory": "b"}


# %% tags=["alternative"] alternative={"exercise": "decide_penalty", "name": "built by dict"}
def decide_penalty():
    return dict(zip(("memory", "score", "sensors"), "BBC", strict=True))


# %% [markdown]
# **Asked next**: *"How do you find out, for any of the three, whether variance is what limits the
# model?"*
#
# <details><summary>Answer aloud, then open</summary>
#
# With two pictures that cost little. Training and held-out loss beside each other: a wide gap is variance, two high losses close together are
# bias. And a learning curve, the held-out loss against the number of training rows: if it still falls at the right end, more rows or a
# stronger penalty can help; if it has been flat for long, better columns or a richer model can.
#
# </details>
#
# ## Cheat sheet
#
# **The same strength in each library**
#
# | | parameter | in our λ | penalises the intercept? |
# |---|---|---|---|
# | `Lasso`, `ElasticNet` | alpha | λ | no |
# | `Ridge` | alpha | n λ | no |
# | `LogisticRegression` | C | 1 / (n λ) | no, except with the solver `liblinear` |
# | `SGDClassifier`, `SGDRegressor` | alpha | λ | no |
# | `torch.optim.SGD` | weight_decay | λ, on the mean loss | yes, unless given apart |
# | `torch.optim.AdamW` | weight_decay | none: it shrinks the weights beside the step, and isn't a term of the loss | yes, unless given apart |
#
# **The pipeline**, in this order: gaps → encode → scale → penalised model, all inside the folds; λ by folds within the training rows; the test rows
# once.
#
# **Three bugs, three tests that find them**
#
# | bug | test |
# |---|---|
# | something is fitted on test rows | plant a huge value in a test row: no coefficient may change |
# | intercept penalised | add 1,000 to y: predictions must rise by 1,000 |
# | λ chosen on the test rows | shuffle the test targets: the chosen λ must stay |
#
# Now say it: [4 · Say](4_say.ipynb). From the top: [1 · See](1_see.ipynb) · [2 · Build](2_build.ipynb)

# %% tags=["on_open"]
learner.check_my_work()
