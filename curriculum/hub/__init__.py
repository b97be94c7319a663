"""A class on JupyterHub: one command makes one that works, and what is in it keeps people apart.

- `folder`, `people`: where a class keeps what it has, and who is in it;
- `room`, `doors`, `spawner`: what a person's server sees, and how it is reached;
- `exchange`: how topics, submissions and feedback pass between people;
- `config`: JupyterHub's configuration, made of these;
- `start`: what `make class` does;
- `backup`, `restore`, `archives`: a class in one file, and back.
"""

import sys

# jsonschema, which all of Jupyter imports, would build a grammar of internationalized addresses: a
# second of each server's and each kernel's start, for a kind of text that nobody here checks.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
