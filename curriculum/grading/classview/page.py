"""The class view as one HTML page, whole without a network, in which nothing runs.

Everything that students, or anybody, wrote goes through `tables.text` or `tables.block`; a content
security policy that allows pictures from the page itself and its style, and nothing else, stands
behind that.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator, Sequence
from datetime import datetime

from curriculum.checks import words
from curriculum.grading.classview import statistics
from curriculum.grading.classview.pictures import DARK, LIGHT, Picture, pictures
from curriculum.grading.classview.tables import Column, Table, block, percent, points, tables, text
from curriculum.grading.classview.view import Mistake, Numbers
from curriculum.grading.feedback.pages import FEEDBACK_POLICY as POLICY

MOST_WITH_EXAMPLES = 12
"""Mistakes; the table has all."""

_LACKS = {
    "checks": "This gradebook has nothing yet of what single checks said: the named mistakes, the"
    " checks, and which notebooks were handed in are missing below. <code>curriculum grade {topic}"
    " --force</code> grades what was handed in again, and keeps them; points and comments that"
    " people gave stay.",
    "record": "This gradebook has no record of changes of grades for this topic: how often students"
    " had handed in before there was one, and whether feedback is older than the grades, are not"
    " known. Every change of a grade is recorded from now on.",
}

_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --soft: #57606a; --line: #d0d7de;
  --back: #ffffff; --tint: #f6f8fa; --accent: #0072b2; --look: #fff1e5; --look-edge: #d55e00; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --soft: #a5adb6;
  --line: #3d444d; --back: #14171a; --tint: #1e2328; --accent: #6cb8ea; --look: #3a2518;
  --look-edge: #ff8c55; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); line-height: 1.5;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main, header, footer { max-width: 74rem; margin: 0 auto; padding: 0 1.25rem; }
h1 { margin: 1.5rem 0 .2rem; font-size: 1.8rem; line-height: 1.25; }
h2 { margin: 2.4rem 0 .5rem; padding-bottom: .25rem; border-bottom: 2px solid var(--line);
  font-size: 1.35rem; }
h3 { margin: 1.4rem 0 .3rem; font-size: 1.05rem; }
p, ul { max-width: 46rem; margin: .5rem 0; }
a { color: var(--accent); }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; padding: 0; list-style: none; }
.soft, figcaption, caption { color: var(--soft); font-size: .9rem; }
.facts { display: flex; flex-wrap: wrap; gap: .7rem; margin: 1.2rem 0; padding: 0; }
.facts div { flex: 1 1 8rem; padding: .6rem .9rem; border: 1px solid var(--line);
  border-radius: 8px; background: var(--tint); }
.facts dt { color: var(--soft); font-size: .85rem; }
.facts dd { margin: 0; font-size: 1.45rem; font-weight: 600; }
.note { padding: .6rem .9rem; border-left: 4px solid var(--look-edge); background: var(--look); }
figure { margin: 1rem 0; }
figcaption { max-width: 50rem; }
figure img { display: block; width: 100%; max-width: 50rem; height: auto; }
.wide { overflow-x: auto; margin: .6rem 0 1rem; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }
caption { padding: .2rem 0 .4rem; text-align: left; white-space: nowrap; }
th, td { padding: .3rem .55rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); color: var(--soft); font-weight: 600;
  vertical-align: bottom; }
tbody th { min-width: 7rem; max-width: 22rem; font-weight: 500; }
td { max-width: 24rem; }
td.v { min-width: 11rem; }
.n { text-align: right; white-space: nowrap; }
thead .n { white-space: normal; }
tr.look th, tr.look td { background: var(--look); }
tr.look th { box-shadow: inset 4px 0 var(--look-edge); }
article { margin: 1rem 0; padding: .2rem 1rem .7rem; border: 1px solid var(--line);
  border-radius: 8px; }
pre { margin: .4rem 0; padding: .6rem .8rem; max-width: 100%; overflow-x: auto;
  border-radius: 6px; background: var(--tint); font-size: .82rem; line-height: 1.45;
  white-space: pre-wrap; overflow-wrap: anywhere;
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .92em; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr));
  gap: 0 1.2rem; }
.pair > div { min-width: 0; }
footer { margin-top: 3rem; padding-bottom: 2rem; border-top: 1px solid var(--line); }
@media print {
  body { font-size: 10pt; }
  main, header, footer { max-width: none; padding: 0; }
  nav { display: none; }
  h2, h3 { break-after: avoid; }
  figure, article, tr, .facts { break-inside: avoid; }
  thead { display: table-header-group; }
  .wide { overflow: visible; }
  table { font-size: 7.5pt; }
  .facts dd { font-size: 1.1rem; }
  th, td { padding: .15rem .3rem; }
  tbody th, td.v { min-width: 0; }
  tr.look th, tr.look td, .note, .facts div { print-color-adjust: exact; }
}
"""


def page(view: Numbers, made: datetime) -> str:
    """Give the page of a topic.

    Parameters
    ----------
    view : Numbers
        What it shows.
    made : datetime
        When the gradebook was read.
    """
    sections = list(_sections(view))
    links = "".join(f'<li><a href="#{name}">{title}</a></li>' for name, title, _ in sections)
    body = "".join(
        f'<section id="{name}" aria-labelledby="{name}-title">'
        f'<h2 id="{name}-title">{title}</h2>{inside}</section>'
        for name, title, inside in sections
    )
    head = (
        f"<h1>{text(view.title)}: where the class is</h1>"
        f'<p class="soft">Topic {text(view.topic)}. Read from the gradebook on {_time(made)}. For'
        " teachers: it has names and grades, and is never released to students.</p>"
        f'<nav aria-label="Sections"><ul>{links}</ul></nav>'
    )
    return document(f"Class view: {view.title}", head, f"{_glance(view)}{_notes(view)}{body}")


def document(title: str, head: str, body: str) -> str:
    """Give a whole page: a title as plain text, head and body as HTML."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{html.escape(words.clean(words.shorten(title)))}</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<header>{head}</header>\n"
        f"<main>{body}</main>\n<footer><p class='soft'>Made by <code>curriculum class view</code>"
        " from the gradebook; run it again for newer numbers.</p></footer>\n</body>\n</html>\n"
    )


def index(rows: Sequence[tuple[str, Numbers]], made: datetime) -> str:
    """Give the page that leads to the others.

    Parameters
    ----------
    rows : sequence of tuple
        For each topic, the name of its page without the suffix, and what it shows.
    made : datetime
        When the gradebook was read.
    """
    links = "".join(
        f'<li><a href="{html.escape(name, quote=True)}.html">{text(view.title)}</a>'
        f" · {len(view.people)} of {view.students} have handed in</li>"
        for name, view in rows
    )
    head = f'<h1>Where the class is</h1><p class="soft">On {_time(made)}. For teachers only.</p>'
    table = _topics([view for _, view in rows])
    return document("Class view", head, f"<ul>{links}</ul>{_wide(table)}")


def _topics(views: Sequence[Numbers]) -> Table:
    """Show every student's points in every topic."""
    people = sorted({one.student for view in views for one in view.people})
    by_topic = [{one.student: one for one in view.people} for view in views]
    rows = []
    for student in people:
        found = [known.get(student) for known in by_topic]
        shares = [
            one.points / view.most if one and view.most else None
            for one, view in zip(found, views, strict=True)
        ]
        waiting = sum(one.waiting for one in found if one)
        rows.append((student, *shares, waiting))
    columns = [
        Column("Student"),
        *(Column(view.title, percent) for view in views),
        Column("Waiting", str),
    ]
    return Table("Share of each topic's points; a dash: nothing handed in", columns, rows)


def _time(moment: datetime) -> str:
    return f"{moment:%d %B %Y, %H:%M} UTC"


def _glance(view: Numbers) -> str:
    shares = [one.points / view.most for one in view.people if view.most]
    middle = statistics.spread(shares, 1.0).quartiles if shares else None
    waiting = sum(one.waiting for one in view.people)
    look = sum(item.look for _, item in view.tests)
    facts = [
        ("Handed in", f"{len(view.people)} of {view.students}"),
        ("Median of the points", percent(middle[1]) if middle else "–"),
        ("Points of the topic", points(view.most)),
        ("Answers that wait for a person", str(waiting)),
        ("Tests to look at", str(look) if view.enough else "too few students"),
    ]
    inside = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    return f'<dl class="facts">{inside}</dl>'


def _notes(view: Numbers) -> str:
    said = [
        sentence.format(topic=text(view.topic))
        for name, sentence in _LACKS.items()
        if name in view.lacks
    ]
    if view.unsettled:
        said.append(
            f"Answers of {', '.join(map(text, view.unsettled))} wait for a person. These exercises"
            " are left out of the totals that tests are compared with, so that students don't"
            " differ by what has been graded yet."
        )
    return "".join(f'<p class="note">{one}</p>' for one in said)


def _sections(view: Numbers) -> Iterator[tuple[str, str, str]]:
    drawn, made = pictures(view), tables(view)
    yield "points", "Points", _figure(drawn["points"])
    inside = _figure(drawn["exercises"]) + EXERCISES + _wide(made["exercises"])
    inside += f"<h3>How points are spread</h3>{POINTS}{_wide(made['points'])}"
    yield "exercises", "Exercises", inside
    if "mistakes" in made:
        picture = _figure(drawn["mistakes"]) if "mistakes" in drawn else ""
        inside = picture + MISTAKES + _wide(made["mistakes"])
        yield "mistakes", "Named mistakes", inside + examples(view)
    if "tests" in made:
        picture = _figure(drawn["tests"]) if "tests" in drawn else ""
        inside = picture + (TESTS if view.enough else TOO_FEW + TESTS) + _wide(made["tests"])
        if "checks" in made:
            inside += f"<h3>Single checks</h3>{CHECKS}{_wide(made['checks'])}"
        yield "tests", "Tests", inside
    inside = STUDENTS + (NO_LEDGER if "ledger" in view.lacks else "") + _wide(made["students"])
    yield "students", "Students", inside


POINTS = (
    "<p>A quarter of the students have at most the first quartile, half at most the median. Extra"
    " credit and late penalties are left out.</p>"
)
EXERCISES = (
    "<p>An <em>attempt</em> is a submission with other files than the one before, in which"
    " something was written for the exercise. The <em>pass rate</em> is the share of students who"
    " earned all of its points; the <em>mean</em>, of what they earned.</p>"
)
MISTAKES = (
    "<p>A test names a mistake when an answer is wrong in a way that its author foresaw. "
    "<em>Have it now</em> counts newest submissions; <em>had it once</em>, all that were graded."
    "</p>"
)
TOO_FEW = (
    f'<p class="note">Too few students to judge tests by: it takes {statistics.ENOUGH}. The numbers'
    " below will move with each of them.</p>"
)
TESTS = (
    "<p><em>Difficulty</em> is the mean share of the points: low is hard. <em>Discrimination</em>"
    " is the correlation of a test's points with those of the rest of the topic (corrected"
    " item-total correlation; point-biserial where a test is passed or not). A good test is passed"
    " rather by those who do well elsewhere: 0.3 and more is usual."
    f" <strong>Look at a test</strong> below {statistics.LOWEST:g}, or when everybody or nobody"
    f" gets all of its points. Fewer than {statistics.ENOUGH} students can't tell. With few, the"
    " interval is wide: look at the test before you change it.</p>"
)
CHECKS = (
    "<p>Each as an item that is passed or not. A hidden check has the name that students read"
    " in their feedback, and no line of its code.</p>"
)
STUDENTS = (
    "<p><em>Notebooks</em>: handed in and graded. <em>Points</em>: as far as they are graded."
    " <em>Waiting</em>: answers that a person has to look at. <em>Feedback</em> is not in the"
    " gradebook; this column alone is read from the folder <code>feedback/</code> and the exchange."
    " It can't tell that a comment was changed, since nbgrader keeps no time of that.</p>"
)
NO_LEDGER = (
    "<p>What could not be graded, and why, is not known: <code>curriculum grade</code> keeps it,"
    " and has not graded this topic.</p>"
)


def examples(view: Numbers) -> str:
    """Show how the first mistakes looked, without names."""
    return "".join(_article(one) for one in view.mistakes[:MOST_WITH_EXAMPLES] if one.examples)


def _article(one: Mistake) -> str:
    inside = []
    for example in one.examples:
        answer = (
            f"<p class='soft'>A student wrote</p>{block(example.answer)}" if example.answer else ""
        )
        said = f"<p class='soft'>The check “{text(example.check)}” said</p>{block(example.message)}"
        inside.append(f'<div class="pair"><div>{answer}</div><div>{said}</div></div>')
    return (
        f"<article><h3>{text(one.name)} <span class='soft'>· {text(one.exercise)}, {one.now} of"
        f" {one.of} students</span></h3>{''.join(inside)}</article>"
    )


def _wide(table: Table) -> str:
    """Let a wide table be scrolled, with the keyboard too."""
    name = html.escape(table.caption, quote=True)
    return f'<div class="wide" role="region" tabindex="0" aria-label="{name}">{table.html}</div>'


def _figure(picture: Picture) -> str:
    """Show a picture, drawn for the page's colours; on paper it is the light one."""
    says = html.escape(picture.says, quote=True)
    return (
        f'<figure><picture><source media="screen and (prefers-color-scheme: dark)" srcset="'
        f'{_data(picture.svg(DARK))}"><img src="{_data(picture.svg(LIGHT))}" alt="{says}">'
        f"</picture><figcaption>{says}</figcaption></figure>"
    )


def _data(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
