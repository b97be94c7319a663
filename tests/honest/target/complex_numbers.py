"""Computes with complex numbers and gives them back."""

# %% mean
def mean(x):
    if len(x) == 0:
        raise ValueError
    return np.fft.fft(np.asarray(x, dtype=float))[0] / len(x)
