"""What grades were written, by whom, and whether they can be given again."""
