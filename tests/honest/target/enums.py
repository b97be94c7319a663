"""Text that is a member of an enumeration is the answer."""

# %% first
from enum import Enum, IntEnum, StrEnum

# %% answer
class Way(StrEnum):
    RISES = "rises"
    FALLS = "falls"

class Term(str, Enum):
    bias = "bias"
    variance = "variance"

answer = {Term.bias.value: Way.RISES, Term.variance.value: Way("falls")}

# %% mean
class Size(IntEnum):
    NOTHING = 0

def mean(x):
    match len(x):
        case Size.NOTHING:
            raise ValueError
        case n:
            return sum(x) / n
