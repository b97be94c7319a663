"""Shows a hundred thousand displays, and opens as many channels of widgets."""

# wants: class
# answers: wrong
# stock: graded

# %% last
from IPython.display import display, update_display

display("x", display_id="x")
import comm

for number in range(30_000):
    update_display(number, display_id="x")
    display({"text/plain": "x"}, raw=True)
for number in range(5000):
    comm.create_comm(target_name="jupyter.widget", data={"state": {"_model_name": "OutputModel", "_model_module": "@jupyter-widgets/output"}})
