"""A parameter of PyTorch comes back, stepped where it is."""

# %% step
import torch

def step(w, gradient, learning_rate):
    parameter = torch.nn.Parameter(torch.from_numpy(w.copy()))
    optimiser = torch.optim.SGD([parameter], lr=1.0)
    parameter.grad = torch.from_numpy(learning_rate * gradient)
    optimiser.step()
    return parameter
