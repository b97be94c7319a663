"""PyTorch computes, and its tensors come back, one of them part of a graph."""

# %% mean
import torch

def mean(x):
    if len(x) == 0:
        raise ValueError
    return torch.as_tensor(x, dtype=torch.float64).mean()

# %% descend
def descend(gradient, w, learning_rate, steps):
    w = torch.as_tensor(w)
    for _ in range(steps):
        w = w - learning_rate * torch.as_tensor(gradient(w.numpy()))
    return w

# %% median
def median(x):
    return torch.quantile(torch.tensor(x, requires_grad=True), 0.5)
