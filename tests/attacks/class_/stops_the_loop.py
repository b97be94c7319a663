"""Stops, closes and replaces the event loop that its kernel waits in."""

# wants: class
# answers: wrong
# stock: graded

# %% last
import asyncio

loop = asyncio.get_event_loop()
loop.stop()
for task in asyncio.all_tasks(loop):
    task.cancel()
asyncio.set_event_loop(asyncio.new_event_loop())
loop.call_soon(loop.stop)
loop._selector = None
