"""Other programs write to the terminal: through `!`, os.system and subprocess, also in functions."""

# %% first
import os, subprocess, sys
# !echo a shell

# %% mean
def mean(x):
    os.system("echo from os.system; echo 1.0 >&2")
    subprocess.run(["echo", "0.0"], stdout=sys.stdout, stderr=sys.stderr, check=True)
    said = subprocess.run(["echo", str(len(x))], capture_output=True, text=True)
    if int(said.stdout) == 0:
        raise ValueError("no numbers")
    return sum(x) / int(said.stdout)
