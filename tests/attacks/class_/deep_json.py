"""Hands in JSON that is nested a hundred thousand levels deep."""

# wants: class
# stock: graded

# %% raw python
def change(notebook):
    return '{"cells": ' + "[" * 100_000 + "]" * 100_000 + ', "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
