"""Context managers: its own, of redirected output, suppressed errors, temporary state."""

# %% mean
import contextlib, io

@contextlib.contextmanager
def quiet():
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(said):
        yield said

def mean(x):
    with quiet() as said, np.errstate(all="raise"), contextlib.suppress(ZeroDivisionError):
        print("not to be seen")
        return sum(x) / len(x)
    raise ValueError(said.getvalue())

# %% RunningMean
class RunningMean(contextlib.ContextDecorator, contextlib.AbstractContextManager):
    def __init__(self):
        self.stack, self.value = contextlib.ExitStack(), 0

    def __exit__(self, *exc_info):
        self.stack.close()

    def update(self, x):
        with self:
            self.n = getattr(self, "n", 0) + 1
            self.value += (x - self.value) / self.n
