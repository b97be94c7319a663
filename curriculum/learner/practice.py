"""Help that is opened in steps, and a learner's own judgement of a spoken answer."""

from __future__ import annotations

import html

import ipywidgets as w
from IPython.display import display

from curriculum.learner import lesson, place
from curriculum.learner.lesson import without_code

BANDS = ("no", "leaning no", "leaning yes", "yes")
DIMENSIONS = ("correctness and depth", "structure", "trade-offs", "communication")
STEP_NAMES = ("a question", "a direction", "the key line")


def hints(exercise: str, question: str, direction: str, key_line: str) -> None:
    """Offer three hints, opened one after the other; each opening is written in the log.

    Parameters
    ----------
    exercise : str
        The exercise's grade_id.
    question, direction, key_line : str
        The hints, each saying more; Markdown-free text, LaTeX between dollar signs.
    """
    if place.being_graded():
        return
    texts = (question, direction, key_line)
    shown = w.VBox()
    button = w.Button(icon="lightbulb-o", layout=w.Layout(width="auto", align_self="flex-start"))

    def relabel() -> None:
        step = len(shown.children)
        button.description = f"Hint {step + 1} of {len(texts)}: {STEP_NAMES[step]}"

    def open_next(_: w.Button) -> None:
        step = len(shown.children)
        shown.children = (*shown.children, _hint(step + 1, texts[step]))
        lesson.record("hint", exercise=exercise, step=step + 1)
        if step + 1 == len(texts):
            button.layout.display = "none"
        else:
            relabel()

    relabel()
    button.on_click(open_next)
    display(without_code(w.VBox([shown, button])))


def _hint(number: int, text: str) -> w.Widget:
    return w.HTMLMath(f"<b>{number}.</b> {html.escape(text, quote=False)}")


def rate_yourself(question: str, dimensions: tuple[str, ...] = DIMENSIONS) -> None:
    """Let the learner judge their spoken answer by the rubric above; kept in the log.

    Parameters
    ----------
    question : str
        The grade_id of the question that was answered aloud.
    dimensions : tuple of str
        The rows of the rubric.
    """
    if place.being_graded():
        return
    rows = {
        name: w.ToggleButtons(
            options=BANDS, value=None, description=name, style={"description_width": "14em"}
        )
        for name in dimensions
    }
    button = w.Button(description="Keep my rating", button_style="primary", icon="check")
    said = w.HTML()

    def keep(_: w.Button) -> None:
        chosen = {name: row.value for name, row in rows.items()}
        if None in chosen.values():
            said.value = "Choose a band in every row first."
            return
        lesson.record("rating", exercise=question, bands=chosen)
        weakest = min(chosen, key=lambda name: BANDS.index(chosen[name] or "no"))
        said.value = (
            "Kept. Say it again with one aim: " + f"<b>{weakest}</b>, your lowest row."
            if chosen[weakest] != "yes"
            else "Kept. All at yes: ask somebody who has not read this page to be the judge."
        )

    button.on_click(keep)
    display(without_code(w.VBox([*rows.values(), w.HBox([button, said])])))
