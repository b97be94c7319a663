"""A question that comes before the picture, and says afterwards whether the prediction held."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from curriculum.widgets.display import Picture
from curriculum.widgets.style import CSS
from curriculum.widgets.threads import on_main

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["Prediction", "predict"]

LOCKED = "cw-locked"


def predict(
    question: str,
    options: Sequence[str],
    answer: int | str,
    why: str | Sequence[str] | Mapping[str, str],
    then: Picture | ipywidgets.DOMWidget | None = None,
    id: str = "",
    on_answer: Callable[[bool], None] | None = None,
) -> Prediction:
    """Ask for a prediction; keep `then` locked until it is given.

    Parameters
    ----------
    question : str
        What will happen? HTML and LaTeX between dollar signs are allowed.
    options : sequence of str
        At least two different answers, in plain text.
    answer : int or str
        The option that holds: its position (from 0) or its text.
    why : str, or one str for each option (sequence, or mapping from option)
        Why it holds; with one for each option, what is said to who chose that option.
    then : Picture or ipywidgets widget, optional
        Shown below, greyed and out of reach until the question is answered.
    id : str
        Name of the question in the learner's log, such as ``"gd_condition"``.
    on_answer : callable, optional
        Called once with whether the prediction held, after the unlocking.

    Returns
    -------
    Prediction
        Shows itself as the last value of a cell. Answering emits one event
        ``"prediction"`` with ``id``, ``choice`` (the option's text) and ``held``.

    Raises
    ------
    ValueError
        When there are fewer than two options, two are the same, `answer` is not among them, or
        `why` does not cover them.
    """
    return Prediction(question, options, answer, why, then, id, on_answer)


class Prediction(Picture):
    """See `predict`."""

    def __init__(
        self,
        question: str,
        options: Sequence[str],
        answer: int | str,
        why: str | Sequence[str] | Mapping[str, str],
        then: Picture | ipywidgets.DOMWidget | None = None,
        id: str = "",
        on_answer: Callable[[bool], None] | None = None,
    ) -> None:
        super().__init__()
        self.question, self.options, self.id = question, tuple(options), id
        self.right = _right_option(self.options, answer)
        self.reasons = _reasons(self.options, why)
        self.then = then
        self.on_answer = on_answer
        self.choice: str | None = None

    @property
    def held(self) -> bool | None:
        """Whether the prediction held; None before the answer."""
        return None if self.choice is None else self.choice == self.options[self.right]

    def answer(self, choice: str) -> None:
        """Record an answer, unlock what follows, and tell whoever listens.

        A second answer changes nothing: the first one was the prediction.

        Raises
        ------
        ValueError
            When `choice` is not one of the options.
        """
        if choice not in self.options:
            raise ValueError(f"no option {choice!r}")
        if self.choice is not None:
            return
        self.choice = choice
        held = choice == self.options[self.right]
        if self._live is not None:
            self._show_verdict()
        from curriculum import events

        events.emit("prediction", id=self.id, choice=choice, held=held)
        if self.on_answer is not None:
            self.on_answer(held)

    def verdict(self) -> str:
        """Say in HTML whether the prediction held, and why."""
        if self.choice is None:
            return ""
        says = self.reasons[self.options.index(self.choice)]
        if self.held:
            return f'<div role="status" class="cw-held"><b>✓ It held.</b> {says}</div>'
        right = html.escape(self.options[self.right])
        stop = "" if right.endswith((".", "?", "!")) else "."
        return (
            '<div role="status" class="cw-not-held"><b>✗ It did not hold.</b> '
            f"What happens: <i>{right}{stop}</i> {says}</div>"
        )

    def _build(self) -> ipywidgets.DOMWidget:
        import ipywidgets

        self._radio = ipywidgets.RadioButtons(
            options=self.options, value=None, layout={"width": "100%"}
        )
        self._button = ipywidgets.Button(description="Answer", disabled=True)
        self._button.button_style = "primary"
        self._said = ipywidgets.HTMLMath(layout={"display": "none"})
        self._radio.observe(self._chosen, "value")
        self._button.on_click(lambda _: on_main(lambda: self.answer(self._radio.value)))
        head = ipywidgets.HTMLMath(
            f'{CSS}<div class="cw-question"><b>Predict first.</b> {self.question}</div>'
        )
        card = ipywidgets.VBox([head, self._radio, self._button, self._said])
        card.add_class("cw-card")
        parts: list[ipywidgets.DOMWidget] = [card]
        if self.then is not None:
            below = self.then.widget if isinstance(self.then, Picture) else self.then
            self._notice = ipywidgets.HTML(
                '<div class="cw-notice">Answer the question above to unlock the controls.</div>'
            )
            self._below = ipywidgets.VBox([self._notice, below])
            parts.append(self._below)
            self._enabled = lock(below)
            self._below.add_class(LOCKED)
        box = ipywidgets.VBox(parts)
        box.add_class("cw")
        if self.choice is not None:
            self._show_verdict()
        return box

    def _chosen(self, change: Any) -> None:
        self._button.disabled = change["new"] is None or self.choice is not None

    def _show_verdict(self) -> None:
        self._radio.value = self.choice
        self._radio.disabled = self._button.disabled = True
        self._button.layout.display = "none"
        self._said.value = self.verdict()
        self._said.layout.display = None
        if self.then is not None:
            for widget in self._enabled:
                widget.disabled = False
            self._below.remove_class(LOCKED)
            self._notice.layout.display = "none"

    def close(self) -> None:
        """Take the question down, and what it locks."""
        super().close()
        if isinstance(self.then, Picture):
            self.then.close()

    def _still(self) -> str:
        items = "".join(f"<li>{html.escape(option)}</li>" for option in self.options)
        below = self.then._still() if isinstance(self.then, Picture) else ""
        return f"<div><p><b>Predict first.</b> {self.question}</p><ul>{items}</ul></div>{below}"

    def _text(self) -> str:
        below = f"\n{self.then._text()}" if isinstance(self.then, Picture) else ""
        return f"Predict first. {self.question} ({' / '.join(self.options)}){below}"


def lock(widget: Any) -> list[Any]:
    """Disable every control inside a widget; return those that were enabled before."""
    found = []
    if widget.has_trait("disabled") and not widget.disabled:
        widget.disabled = True
        found.append(widget)
    for child in getattr(widget, "children", ()):
        found += lock(child)
    return found


def _right_option(options: Sequence[str], answer: int | str) -> int:
    if len(options) < 2 or len(set(options)) != len(options):
        raise ValueError("a prediction needs at least two options, all different")
    if isinstance(answer, str):
        if answer not in options:
            raise ValueError(f"the answer {answer!r} is not among the options")
        return list(options).index(answer)
    if not 0 <= answer < len(options):
        raise ValueError(f"answer {answer} is not a position among {len(options)} options")
    return answer


def _reasons(options: Sequence[str], why: str | Sequence[str] | Mapping[str, str]) -> list[str]:
    if isinstance(why, str):
        return [why] * len(options)
    if isinstance(why, Mapping):
        if missing := [option for option in options if option not in why]:
            raise ValueError(f"`why` says nothing about {missing}")
        return [why[option] for option in options]
    if len(why) != len(options):
        raise ValueError(f"`why` has {len(why)} texts for {len(options)} options")
    return list(why)
