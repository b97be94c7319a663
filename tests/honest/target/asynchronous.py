"""Awaits at the top of a cell, and runs a loop of its own in a thread within a function."""

# %% first
import asyncio

async def total(numbers):
    result = 0.0
    for number in numbers:
        await asyncio.sleep(0)
        result += number
    return result

# %% before mean
await asyncio.sleep(0.01)
await total([1.0, 2.0])
task = asyncio.create_task(total(range(5)))

# %% mean
import threading

def mean(x):
    if not len(x):
        raise ValueError
    found = []
    thread = threading.Thread(target=lambda: found.append(asyncio.run(total(x))))
    thread.start()
    thread.join()
    return found[0] / len(x)
