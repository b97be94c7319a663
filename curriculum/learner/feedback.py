"""A check's result as a learner reads it, in a notebook and in a terminal."""

from __future__ import annotations

import html
import re
import textwrap
from typing import Any

from curriculum import catalog

_MARK = {"passed": "✓", "failed": "✗", "not_attempted": "○"}


def next_step(result: dict[str, Any], topic: str) -> str:
    """Say in one sentence what to do next.

    Parameters
    ----------
    result : dict
        A notebook of `Attempt.as_dict()`.
    topic : str
        From the catalogue.
    """
    if not result.get("hidden", True):
        return "The visible checks ran; hidden ones decide the rest when your instructor grades."
    graded = [e for e in result["exercises"] if e["points"] is not None]
    for exercise in graded:
        if exercise["attempted"] and exercise["points"] < exercise["max_points"]:
            return f"Next: mend “{exercise['title']}”; the first failed check says where to look."
    for exercise in graded:
        if not exercise["attempted"]:
            return f"Next: write “{exercise['title']}”."
    if len(graded) < len(result["exercises"]):
        return "Next: say your answers aloud and rate yourself by the rubric."
    names = catalog.load()[topic].notebooks
    after = names.index(result["notebook"]) + 1
    if after < len(names):
        beat = catalog.NOTEBOOKS[names[after]]
        return f"All points. Next: the notebook {names[after][0]} · {beat}."
    return "All points. Next: another topic, from the home page."


def feedback_html(result: dict[str, Any], topic: str) -> str:
    """Show points, failed checks and named mistakes of one notebook, as HTML."""
    rows = "".join(_exercise_html(exercise) for exercise in result["exercises"])
    return (
        '<div class="curriculum-feedback" style="line-height: 1.45; max-width: 60em">'
        f"<p><strong>{_total(result).capitalize()}.</strong>"
        f" {html.escape(next_step(result, topic))}</p>"
        '<table style="border-collapse: collapse; width: 100%">'
        "<caption style='text-align: left'>By exercise</caption>"
        "<thead><tr><th scope='col' style='text-align: left'>Exercise</th>"
        "<th scope='col' style='text-align: right; white-space: nowrap'>Points</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _exercise_html(exercise: dict[str, Any]) -> str:
    failed = [check for check in exercise["checks"] if check["status"] != "passed"]
    shown = failed if exercise["attempted"] else []
    said = "".join(_check_html(check, open=check is failed[0]) for check in shown)
    if exercise.get("model"):
        said += (
            "<details><summary>Rate your own answer first, then open: an answer of ours, and what"
            f" a grader looks for</summary>{exercise['model']}</details>"
        )
    line = "border-top: 1px solid var(--jp-border-color2, #ccc); vertical-align: top"
    return (
        f'<tr><td style="{line}; padding: .35em 0; text-align: left; white-space: normal">'
        f"{html.escape(exercise['title'])}{said}</td>"
        f'<td style="{line}; padding: .35em 0; text-align: right; white-space: nowrap">'
        f"{_points_words(exercise)}</td></tr>"
    )


def _check_html(check: dict[str, Any], *, open: bool) -> str:
    """Show a failed check: in a line what is wrong, what it looks like, and the evidence."""
    headline, evidence, diagnosis = _parts(check)
    name = html.escape(check["name"])
    parts = [f"<div>{_MARK[check['status']]} <em>{name}</em>: {_marked_up(headline)}</div>"]
    if diagnosis:
        box = "border-left: 4px solid #D55E00; padding: .1em .7em; margin: .3em 0 .3em 1.2em"
        what = f"<strong>It looks like: {html.escape(check['mistake'])}.</strong>"
        parts.append(f'<div style="{box}">{what} {_marked_up(diagnosis)}</div>')
    if evidence:
        pre = "margin: .2em 0 .2em 1.2em; white-space: pre-wrap; line-height: 1.35"
        parts.append(
            f'<details style="margin-left: 1.2em"{" open" if open else ""}><summary>Expected and'
            f' got</summary><pre style="{pre}">{html.escape(evidence)}</pre></details>'
        )
    return f'<div style="margin: .35em 0 .35em 1em">{"".join(parts)}</div>'


def _parts(check: dict[str, Any]) -> tuple[str, str, str]:
    """Take a check's message apart: its first line, the evidence, and the named mistake's text."""
    message, mistake = check["message"] or "", check.get("mistake")
    lines = message.splitlines() or [""]
    start = f"{mistake}: "
    told = [line.strip() for line in lines if mistake and line.strip().startswith(start)]
    rest = [line for line in lines[1:] if line.strip() not in told]
    headline = "" if lines[0].strip() in told else lines[0]
    diagnosis = told[0].removeprefix(start) if told else ""
    return headline, textwrap.dedent("\n".join(rest)).strip("\n"), diagnosis


def _marked_up(text: str) -> str:
    """Escape a sentence, and set its *stressed words* and `code` as such."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
    return re.sub(r"\*([^*\s][^*]*)\*", r"<em>\1</em>", text)


def _message(check: dict[str, Any]) -> str:
    """Give what a check said, which names the mistake unless the test cell itself broke."""
    message, mistake = check["message"] or "", check.get("mistake")
    return f"{mistake}. {message}" if mistake and mistake not in message else message


def _total(result: dict[str, Any]) -> str:
    if not result["max_points"]:
        return "nothing here that a machine can judge"
    return f"{result['points']:g} of {result['max_points']:g} points"


def _to_show(exercise: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the checks worth reading: those that failed, unless nothing was attempted."""
    if not exercise["attempted"]:
        return []
    return [check for check in exercise["checks"] if check["status"] != "passed"]


def _points_words(exercise: dict[str, Any]) -> str:
    if exercise["points"] is None:
        return f"{exercise['max_points']:g} by hand"
    if not exercise["attempted"]:
        return f"not attempted (0 of {exercise['max_points']:g})"
    return f"{exercise['points']:g} of {exercise['max_points']:g}"


def feedback_text(result: dict[str, Any], topic: str) -> str:
    """Show the same in a terminal."""
    lines = [f"{result['notebook']}: {_total(result)}"]
    for exercise in result["exercises"]:
        lines.append(f"  {exercise['title']}: {_points_words(exercise)}")
        for check in _to_show(exercise):
            message = _message(check).replace("\n", "\n        ")
            lines.append(f"    {_MARK[check['status']]} {check['name']}: {message}")
    lines.append(f"  {next_step(result, topic)}")
    if result["feedback"]:
        lines.append(f"  Feedback: {result['feedback']}")
    return "\n".join(lines)
