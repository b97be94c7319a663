"""Hands in JSON that is no notebook, where every field is of another type than it should be."""

# wants: class
# stock: graded

# %% raw python
def change(notebook):
    return '{"cells": {"a": [1]}, "metadata": 7, "nbformat": [4], "nbformat_minor": {"x": null}}'
