"""What keeps a graded notebook away from everything else, one layer in each module.

`levels.probe` says what this machine gives, `plan.make_plan` what a notebook will see, and
`confine.confine` shuts the calling process in. `processes.Tree` watches it from outside.
"""
