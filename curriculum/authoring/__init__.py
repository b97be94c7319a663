"""From the text sources in `source/` to the notebooks in `release/`.

`source`        reads a topic's sources.
`refuse`        says what is wrong with them.
`preprocessors` plug both into nbgrader's generate_assignment.
`topics`        builds, incrementally, through nbgrader.
`rehearse`      runs every solution, stub, mistake and alternative.
"""
