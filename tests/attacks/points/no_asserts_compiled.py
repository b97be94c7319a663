"""Has IPython compile cells as `python -O` does, without asserts."""

# wants: points
# answers: wrong
# stock: graded

# %% first
import builtins

_compile = builtins.compile


def without_asserts(*args, **kwargs):
    kwargs["optimize"] = 2
    return _compile(*args[:5], **kwargs)


builtins.compile = without_asserts
import IPython.core.compilerop as compilerop
import IPython.core.interactiveshell as interactiveshell

compilerop.compile = interactiveshell.compile = without_asserts
shell = get_ipython()


class Compiler(type(shell.compile)):
    def __call__(self, source, filename, symbol):
        return _compile(source, filename, symbol, self.flags, dont_inherit=True, optimize=2)


shell.compile.__class__ = Compiler
