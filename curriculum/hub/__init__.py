"""A class on JupyterHub: one command makes one that works, and what is in it keeps people apart.

- `folder`, `people`: where a class keeps what it has, and who is in it;
- `room`, `doors`, `spawner`: what a person's server sees, and how it is reached;
- `exchange`: how topics, submissions and feedback pass between people;
- `config`: JupyterHub's configuration, made of these;
- `start`, `command`: what `make class` and `curriculum hub` do.
"""
