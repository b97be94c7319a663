"""Progress bars: carriage returns, escape codes, flushes, and a look at what sort of stream it is."""

# %% descend
import sys

def descend(gradient, w, learning_rate, steps):
    fancy = sys.stdout.isatty() or sys.stderr.isatty()
    for i in range(steps):
        bar = "█" * i + "·" * (steps - i)
        sys.stdout.write(f"\r\x1b[32m{bar}\x1b[0m {i + 1}/{steps} {sys.stdout.encoding}")
        sys.stdout.flush()
        print(f"\r{i / steps:.0%}", end="", file=sys.stderr, flush=True)
        w = w - learning_rate * gradient(w)
    sys.stdout.writelines(["\n", "done\n" if fancy else "ready\n"])
    return w
