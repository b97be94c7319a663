"""Code reads its own source, its own frames, its history and the interpreter's state."""

# %% mean
import ast, inspect, sys, textwrap

def mean(x):
    if len(x) == 0:
        raise ValueError(inspect.currentframe().f_code.co_name)
    return sum(x) / len(x)

source = inspect.getsource(mean)
names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
assert "x" in names

# %% median
exec(textwrap.dedent("""
    def median(x):
        return eval("sorted(x)[len(x) // 2]") if len(x) % 2 else float(np.median(x))
"""))

# %% after median
if __name__ == "__main__":
    print(len(In), Out.keys(), _ , sys.argv, globals().keys() >= {"mean"}, dir()[:3])
