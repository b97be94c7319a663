# %% [markdown]
# # Penguins, prices and a small network
#
# An assignment as many courses have it: pandas, NumPy, scikit-learn and PyTorch, with asserts. It
# is a plain nbgrader notebook, written as text; nothing of the curriculum's own is in it.

# %%
# ruff: noqa: D100
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_diabetes, load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# %%
rng = np.random.default_rng(0)
houses = pd.DataFrame(
    {
        "city": rng.choice(["Bern", "Basel", "Chur"], 5000),
        "area": rng.normal(90, 30, 5000).round(1),
        "price": rng.normal(700, 200, 5000).round(),
    }
)
houses.loc[rng.choice(5000, 200, replace=False), "area"] = np.nan
houses.head()

# %%
houses.describe()

# %% [markdown]
# ## 1. Clean
# Drop rows with an area that is missing or not positive, and number the rest from 0.


# %% ANSWER clean
def clean(frame):
    ### BEGIN SOLUTION
    kept = frame[frame["area"].notna() & (frame["area"] > 0)]
    return kept.reset_index(drop=True)
    ### END SOLUTION


# %% TEST clean_rows 2
small = pd.DataFrame({"city": ["a", "b", "c"], "area": [1.0, np.nan, -3.0], "price": [1, 2, 3]})
assert clean(small)["city"].tolist() == ["a"]
assert clean(small).index.tolist() == [0]

# %% TEST clean_all 2
before = houses.copy()
cleaned = clean(houses)
assert cleaned["area"].isna().sum() == 0
assert len(cleaned) < len(houses)
### BEGIN HIDDEN TESTS
pd.testing.assert_frame_equal(before, houses)
### END HIDDEN TESTS

# %% [markdown]
# ## 2. Summarise
# The median price by city, cheapest first, as a Series.


# %% ANSWER summary
def summary(frame):
    ### BEGIN SOLUTION
    return frame.groupby("city")["price"].median().sort_values()
    ### END SOLUTION


# %% TEST summary_test 3
told = summary(pd.DataFrame({"city": list("aabb"), "price": [5.0, 7.0, 1.0, 3.0]}))
assert told.to_dict() == {"b": 2.0, "a": 6.0}
assert told.index.tolist() == ["b", "a"]
### BEGIN HIDDEN TESTS
assert summary(houses).is_monotonic_increasing
### END HIDDEN TESTS

# %%
fig, axes = plt.subplots(1, 2, figsize=(8, 3))
axes[0].hist(houses["area"].dropna(), bins=40)
axes[1].scatter(houses["area"], houses["price"], s=3, alpha=0.3)
plt.show()

# %% [markdown]
# ## 3. Standardise
# Columns of mean 0 and standard deviation 1; a constant column becomes 0.


# %% ANSWER standardise
def standardise(X):
    ### BEGIN SOLUTION
    centred = X - X.mean(axis=0)
    scale = centred.std(axis=0)
    return centred / np.where(scale == 0, 1, scale)
    ### END SOLUTION


# %% TEST standardise_plain 2
Z = standardise(np.array([[1.0, 10.0], [3.0, 30.0]]))
np.testing.assert_allclose(Z, [[-1, -1], [1, 1]])

# %% TEST standardise_edges 2
Z = standardise(np.column_stack([np.ones(5), np.arange(5.0)]))
assert np.isfinite(Z).all()
### BEGIN HIDDEN TESTS
wide = np.random.default_rng(1).normal(3, 5, size=(20_000, 50))
np.testing.assert_allclose(standardise(wide), StandardScaler().fit_transform(wide), atol=1e-9)
### END HIDDEN TESTS

# %% [markdown]
# ## 4. Ridge regression
# The weights that minimise |Xw − y|² + α|w|², without intercept.


# %% ANSWER ridge
def ridge(X, y, alpha):
    ### BEGIN SOLUTION
    return np.linalg.solve(X.T @ X + alpha * np.eye(X.shape[1]), X.T @ y)
    ### END SOLUTION


# %% TEST ridge_by_hand 2
np.testing.assert_allclose(ridge(np.array([[1.0], [1.0]]), np.array([2.0, 4.0]), 1.0), [2.0])

# %% TEST ridge_oracle 3
X, y = load_diabetes(return_X_y=True)
for alpha in (0.1, 1.0, 10.0):
    oracle = Ridge(alpha=alpha, fit_intercept=False).fit(X, y).coef_
    np.testing.assert_allclose(ridge(X, y, alpha), oracle, rtol=1e-6)

# %% [markdown]
# ## 5. Cross-validate
# The mean accuracy over five folds of a scaled logistic regression.


# %% ANSWER accuracy
def accuracy(X, y):
    ### BEGIN SOLUTION
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
    return float(cross_val_score(model, X, y, cv=5).mean())
    ### END SOLUTION


# %% TEST accuracy_test 3
digits, labels = load_digits(return_X_y=True)
assert 0.85 < accuracy(digits[:600], labels[:600]) < 1
### BEGIN HIDDEN TESTS
assert accuracy(digits, labels) > 0.9
### END HIDDEN TESTS

# %% [markdown]
# ## 6. A forest
# The depth out of those given that does best on the held-out quarter.


# %% ANSWER best_depth
def best_depth(X, y, depths):
    ### BEGIN SOLUTION
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    scores = []
    for depth in depths:
        forest = RandomForestClassifier(40, max_depth=depth, random_state=0)
        scores.append(forest.fit(X_train, y_train).score(X_test, y_test))
    return depths[int(np.argmax(scores))]
    ### END SOLUTION


# %% TEST best_depth_test 3
assert best_depth(digits, labels, [1, 8]) == 8
### BEGIN HIDDEN TESTS
assert best_depth(digits[:, :32], labels, [2, 6, 10]) in (6, 10)
### END HIDDEN TESTS

# %% [markdown]
# ## 7. A network
# One hidden layer of 32, ReLU; full batches, Adam with learning rate 0.01, cross-entropy. Gives the
# losses, one for each epoch.


# %% ANSWER train
def train(X, y, epochs):
    ### BEGIN SOLUTION
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], 32), torch.nn.ReLU(), torch.nn.Linear(32, int(y.max()) + 1)
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(X), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION


# %% TEST train_shape 2
inputs = torch.tensor(digits / 16, dtype=torch.float32)
targets = torch.tensor(labels)
losses = train(inputs[:200], targets[:200], 5)
assert len(losses) == 5
assert losses[0] > losses[-1]

# %% TEST train_learns 4
losses = train(inputs, targets, 150)
assert losses[-1] < 0.2
### BEGIN HIDDEN TESTS
assert abs(losses[0] - np.log(10)) < 0.3
### END HIDDEN TESTS

# %%
fig, ax = plt.subplots(figsize=(5, 3))
ax.plot(train(torch.eye(10), torch.arange(10), 50))
ax.set_xlabel("epoch")
ax.set_ylabel("loss")
plt.show()

# %% [markdown]
# ## 8. Confusion
# How often class i was taken for class j, as an array of integers.


# %% ANSWER confusion
def confusion(truth, guess, classes):
    ### BEGIN SOLUTION
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (truth, guess), 1)
    return counts
    ### END SOLUTION


# %% TEST confusion_test 2
counts = confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
assert counts.tolist() == [[1, 1], [0, 1]]
### BEGIN HIDDEN TESTS
assert confusion(labels, labels, 10).trace() == len(labels)
### END HIDDEN TESTS
