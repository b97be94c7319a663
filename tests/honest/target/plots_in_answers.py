"""Figures in answer cells, shown, left open and drawn inside functions, with no backend chosen."""

# %% first
import matplotlib.pyplot as plt

# %% standardise
def standardise(X):
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    fig, axes = plt.subplots(1, 2)
    axes[0].scatter(*X.T)
    axes[1].scatter(*Z.T)
    plt.show()
    plt.figure()
    plt.plot(Z)
    return Z

plt.hist(standardise(np.random.rand(50, 2)))
plt.title("a figure that is left open")

# %% descend
def descend(gradient, w, learning_rate, steps):
    path = [w]
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
        path.append(w)
    plt.plot(path)
    plt.xlabel("$w_1$")
    plt.show()
    return w
