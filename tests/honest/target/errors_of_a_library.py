"""A library raises the error: a subclass of ValueError."""

# %% mean
import json
import statistics

def mean(x):
    try:
        return statistics.fmean(x)
    except statistics.StatisticsError:
        json.loads("")
