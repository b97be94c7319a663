"""Grading through nbgrader: its configuration in-process, and a class of one."""
