"""Concept questions: one letter, or a set of letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from . import values, words
from .compare import wrong_form
from .failure import Failure, Finding

INCOMPLETE = "incomplete"


def choice(got: Any, right: str, why: Mapping[str, str]) -> None:
    """Check that the learner picked the right letter.

    Parameters
    ----------
    got : str
        One letter; capitals and spaces around it do not matter.
    right : str
        The right letter. Keep the call among the hidden tests.
    why : mapping of letter to text
        For each wrong letter, what choosing it usually means. A wrong choice is reported as a
        mistake named after its letter.

    Raises
    ------
    Failure
        Without naming the right letter.
    """
    letter = _letter(got)
    if letter is None:
        finding = wrong_form(got, f"one letter of {_listing({*why, right})}", "The answer")
        raise Failure(finding)
    if letter == _upper(right):
        return
    texts = {_upper(key): text for key, text in why.items()}
    if letter not in texts:
        _unknown({letter}, {*texts, _upper(right)})
    finding = Finding(f"{letter} is not the answer.")
    finding.mistakes.append((letter, texts[letter]))
    raise Failure(finding)


def choices(got: Any, right: Iterable[str], why: Mapping[str, str]) -> None:
    """Check that the learner picked exactly the right letters.

    Parameters
    ----------
    got : set, list or tuple of str, or str
        Letters in any order; `"A, C"` and `"AC"` are read as well.
    right : iterable of str
        The right letters. Keep the call among the hidden tests.
    why : mapping of letter to text
        For each wrong letter, what choosing it usually means; a text under the key
        "incomplete" is shown when letters are missing.

    Raises
    ------
    Failure
        Says how many letters are right, explains each wrong one (a mistake named after it), and
        how many are missing (a mistake named "incomplete") without naming them.
    """
    wanted = {_upper(letter) for letter in right}
    texts = {_upper(k): text for k, text in why.items() if k != INCOMPLETE}
    known = wanted | set(texts)
    picked = _letters(got)
    if picked is None:
        raise Failure(wrong_form(got, f"a set of letters of {_listing(known)}", "The answer"))
    if picked - known:
        _unknown(picked - known, known)
    wrong, missing = sorted(picked - wanted), len(wanted - picked)
    if not wrong and not missing:
        return
    finding = Finding(_score(len(picked & wanted), len(wrong), missing))
    finding.mistakes.extend((letter, texts[letter]) for letter in wrong)
    if missing and not wrong:
        says = why.get(INCOMPLETE, "Go through the options that you left out, one by one.")
        finding.mistakes.append((INCOMPLETE, says))
    raise Failure(finding)


def _score(right: int, wrong: int, missing: int) -> str:
    parts = [f"{right} of your letters {'is' if right == 1 else 'are'} right"]
    if wrong:
        parts.append(f"{wrong} {'does' if wrong == 1 else 'do'} not belong")
    if missing:
        parts.append("at least one is missing")
    return "; ".join(parts) + "."


def _upper(letter: str) -> str:
    return letter.strip().upper()


def _letter(got: Any) -> str | None:
    """Read a single letter, or None."""
    if values.kind_of(got) != "text":
        return None
    text = str(values.scalar(got)).strip().strip(".()'\"").upper()
    return text if len(text) == 1 else None


def _letters(got: Any) -> set[str] | None:
    """Read a set of letters, or None where there is something else."""
    kind = values.kind_of(got)
    if kind == "text":
        items: list[Any] = [c for c in re.split(r"[\s,;]*", str(values.scalar(got))) if c]
    elif kind in ("set", "list", "tuple"):
        items = values.items_of(got)
    else:
        return None
    letters = [_letter(item) for item in items]
    return None if None in letters else {letter for letter in letters if letter}


def _unknown(letters: set[str], known: set[str]) -> NoReturn:
    came = ", ".join(words.plain_repr(letter, 10) for letter in sorted(letters))
    raise Failure(Finding(f"{came} is not among the options {_listing(known)}."))


def _listing(letters: Iterable[str]) -> str:
    return ", ".join(sorted(_upper(letter) for letter in letters))
