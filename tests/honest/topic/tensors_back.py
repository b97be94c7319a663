"""PyTorch computes, and its tensors come back, one with a graph behind it."""

# %% mean_square
import torch

def mean_square(x):
    return torch.nn.functional.mse_loss(torch.tensor(x), torch.zeros(len(x), dtype=torch.float64))

# %% step
def step(w, gradient, learning_rate):
    parameter = torch.tensor(w, requires_grad=True)
    (parameter @ torch.tensor(gradient)).backward()
    return parameter - learning_rate * parameter.grad
