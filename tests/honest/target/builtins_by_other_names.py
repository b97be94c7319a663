"""Names of builtins are used for numbers and lists, as beginners do."""
# together: running_mean_test answer_test descend_test

# %% first
list = [1, 2, 3]
sum = 6
max, min = 3, 1
set = {1}
abs = 7
str = "text"
dict = {}
type = "kind"
id = 5
input = [0.5]

# %% mean
def mean(x):
    n = len(x)
    if not n:
        raise ValueError
    sum = 0.0
    for number in x:
        sum += number
    return sum / n

# %% RunningMean
class RunningMean:
    count, value = 0, 0.0

    def update(self, x):
        self.count += 1
        self.value += (x - self.value) / self.count

# %% before descend
float = "a float"
bool = True

# %% median
def median(x):
    return sorted(x)[len(x) // 2] if len(x) % 2 else (sorted(x)[len(x) // 2 - 1] + sorted(x)[len(x) // 2]) / 2
