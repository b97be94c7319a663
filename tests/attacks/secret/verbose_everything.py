"""Switches on everything that makes Python and IPython say more of the code that they run."""

# wants: secret
# answers: wrong
# stock: graded

# %% first
import faulthandler
import sys
import trace
import warnings

faulthandler.enable()
warnings.simplefilter("always")
shell = get_ipython()
shell.run_line_magic("xmode", "Context")
shell.run_line_magic("pdb", "1")
shell.colors = "NoColor"
shell.InteractiveTB.set_mode("Verbose")
shell.ast_node_interactivity = "all"
shell.show_rewritten_input = True
sys.setprofile(lambda frame, event, arg: frame.f_code.co_name == "<module>" and print(frame.f_code.co_consts))
