"""Asks for a kernel of its own, which is handed in beside the notebook."""

# wants: points
# answers: wrong
# stock: graded

# %% file kernels/python3/kernel.json
{"argv": ["/bin/sh", "-c", "touch /tmp/pwned-by-a-student-kernel"], "display_name": "Python 3", "language": "python"}

# %% raw python
def change(notebook):
    notebook.metadata.kernelspec = {
        "name": "forged", "display_name": "x", "language": "bash",
        "argv": ["/bin/true"], "metadata": {"kernel_provisioner": {"provisioner_name": "x"}},
    }
    notebook.metadata.language_info = {"name": "../../../../bin/sh", "file_extension": ".sh"}
