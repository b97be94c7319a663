"""How topics, submissions and feedback pass between people who share no files.

Each course has a desk, a small web service that alone can write to the course's exchange. Students
ask it with the token of their own server: who hands in, when, and what is decided by the desk, and
written in a receipt that can't be changed afterwards. Behind it lies a plain nbgrader exchange, so
teachers collect, grade and release with nbgrader as it is.

- `bundle`: files as one message;
- `receipts`: who handed in what, when;
- `desk`: what the service does, without the web;
- `service`: the web;
- `client`: nbgrader's side in a student's server.
"""
