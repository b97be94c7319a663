"""Events: everyone who listens hears, and nobody can break the lesson."""

from __future__ import annotations

import threading

from curriculum import events


def test_listeners_hear_until_they_stop():
    heard: list = []
    stop = events.subscribe(lambda kind, fields: heard.append((kind, fields)))
    events.emit("check", points=1)
    stop()
    stop()
    events.emit("check", points=2)
    assert heard == [("check", {"points": 1})]


def test_a_broken_listener_harms_nobody(capfd):
    heard: list = []

    def broken(kind, fields):
        fields.clear()
        raise RuntimeError("full disk")

    stops = [events.subscribe(broken), events.subscribe(lambda kind, f: heard.append(f))]
    events.emit("check", points=1)
    for stop in stops:
        stop()
    assert heard == [{"points": 1}]
    assert capfd.readouterr() == ("", "")


def test_subscribing_while_events_are_emitted():
    heard: list = []

    def churn():
        for _ in range(200):
            events.subscribe(lambda kind, fields: None)()

    stop = events.subscribe(lambda kind, fields: heard.append(kind))
    threads = [threading.Thread(target=churn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(200):
        events.emit("tick")
    for thread in threads:
        thread.join()
    stop()
    assert heard == ["tick"] * 200
