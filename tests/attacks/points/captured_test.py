"""Captures what tests show in a widget, and switches on a global capture of the next cells."""

# wants: points
# answers: wrong
# stock: graded

# %% first
import ipywidgets

out = ipywidgets.Output()
out.__enter__()
out.msg_id = get_ipython().kernel.get_parent("shell")["header"]["msg_id"]
from IPython.utils.capture import capture_output

held = capture_output()
held.__enter__()
