"""Gives an answer whose items never end."""

# wants: class
# answers: wrong
# stock: graded

# %% answer
class Endless:
    def __iter__(self):
        return self

    def __next__(self):
        return "bias"

    def __getitem__(self, key):
        return "rises"


answer = Endless()
