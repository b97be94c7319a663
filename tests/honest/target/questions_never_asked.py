"""Would ask the reader in a branch that no test takes."""

# %% mean
def mean(x=None):
    if x is None:
        x = [float(v) for v in input("numbers: ").split()]
    if len(x) == 0:
        raise ValueError
    return np.mean(x)

if False:
    import getpass
    getpass.getpass()
    breakpoint()
