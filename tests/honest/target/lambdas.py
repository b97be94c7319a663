"""Functions are lambdas with names."""

# %% mean
mean = lambda x: float(np.mean(x)) if len(x) else (_ for _ in ()).throw(ValueError("no numbers"))

# %% standardise
standardise = lambda X: (X - X.mean(0)) / X.std(0)

# %% median
median = lambda x: (lambda s, n: (s[(n - 1) // 2] + s[n // 2]) / 2)(sorted(x), len(x))
