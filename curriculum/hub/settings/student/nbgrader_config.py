"""nbgrader in a student's server: what it does, it asks of the course's desk."""

from curriculum.hub.exchange import client

c = get_config()  # type: ignore[name-defined]

client.into(c)
