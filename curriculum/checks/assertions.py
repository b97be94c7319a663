"""What a test cell says about the learner's work: close, equal, that, raises and more."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from . import compare, values, words
from .capture import Quiet
from .compare import Rule
from .failure import Failure, Finding, Mistake

_MISTAKE_RTOL = 1e-6  # a mistake is recognised even where the comparison is sharper


def fail(
    finding: Finding,
    *,
    given: str = "",
    mistakes: Sequence[Mistake] = (),
    got: Any = None,
    rule: Rule | None = None,
) -> NoReturn:
    """Raise the finding, with its input and the first mistake that fits.

    Parameters
    ----------
    finding : Finding
    given : str
        The input, in words or code.
    mistakes : sequence of Mistake
    got : anything
        What `looks_like` is compared with.
    rule : Rule, optional
        The tolerance of the comparison.
    """
    given = words.clean(given) if isinstance(given, str) else words.plain_repr(given)
    if given:
        finding.facts.insert(0, ("Input", words.shorten(given, 400)))
    mistake = fitting(mistakes, got, rule or Rule())
    if mistake is not None:
        finding.mistakes.append((str(mistake.name), str(mistake.says)))
    raise Failure(finding)


def fitting(mistakes: Sequence[Mistake], got: Any, rule: Rule) -> Mistake | None:
    """Find the first mistake that fits, or None. One that raises does not fit."""
    loose = Rule(max(rule.rtol, _MISTAKE_RTOL), max(rule.atol, 1e-12), loose=True)
    for mistake in mistakes:
        try:
            if _fits(mistake, got, loose):
                return mistake
        except Exception:
            continue
    return None


def _fits(mistake: Mistake, got: Any, rule: Rule) -> bool:
    if mistake.when is not None:
        holds = mistake.when() if callable(mistake.when) else mistake.when
        if _truth(holds) is not True:
            return False
    if mistake.looks_like is None:
        return True
    like = mistake.looks_like() if callable(mistake.looks_like) else mistake.looks_like
    return compare.same(got, like, rule)


def close(
    got: Any,
    want: Any,
    *,
    rtol: float = 1e-7,
    atol: float = 0.0,
    given: str = "",
    what: str = "",
    mistakes: Sequence[Mistake] = (),
) -> None:
    """Check that numbers agree within a tolerance: form, shape, dtype kind, then values.

    Parameters
    ----------
    got : anything
        What the learner returned.
    want : number, array, tensor, frame, series, or list, tuple, dict of them
        A list or tuple accepts a list, a tuple or an array; an array wants an array or a tensor.
        An array of floats wants floats; a number accepts an int for a float and a 0-d array.
        True is not a number, and complex values are never taken for real ones.
    rtol, atol : float
        |got − want| ≤ atol + rtol · |want|; NaN equals NaN, inf equals the same inf.
    given : str
        The input, shown in the message.
    what : str
        Name of the value, shown in the message ("grad_w").
    mistakes : sequence of Mistake
        The first one that fits is named.

    Raises
    ------
    Failure
        With expected, got, where they differ most, input and tolerance.
    """
    _compare(got, want, Rule(rtol, atol), given, what, mistakes)


def equal(
    got: Any,
    want: Any,
    *,
    given: str = "",
    what: str = "",
    mistakes: Sequence[Mistake] = (),
) -> None:
    """Check that values are the same: text, integers, bools, sets, dicts, frames, arrays of them.

    As `close` with no tolerance, and a float does not stand for an integer.

    Raises
    ------
    Failure
        With expected, got and the first place where they differ.
    """
    _compare(got, want, Rule(exact=True), given, what, mistakes)


def _compare(
    got: Any, want: Any, rule: Rule, given: str, what: str, mistakes: Sequence[Mistake]
) -> None:
    finding = compare.difference(got, want, rule, what)
    if finding is not None:
        fail(finding, given=given, mistakes=mistakes, got=got, rule=rule)


def that(
    condition: Any, message: str, *, given: str = "", mistakes: Sequence[Mistake] = ()
) -> None:
    """Check a condition; `message` says what was expected and what came instead.

    Parameters
    ----------
    condition : bool
        A bool, a NumPy bool or a 0-d array of bool. Anything else fails: an object that calls
        itself true is not.

    Raises
    ------
    Failure
    """
    message = words.shorten(words.clean(str(message)), 1000)
    truth = _truth(condition)
    if truth is None:
        text = f"{message}\nThe condition is {values.describe(condition)}, not True or False."
        fail(Finding(text), given=given, mistakes=mistakes)
    if not truth:
        fail(Finding(message), given=given, mistakes=mistakes)


def _truth(condition: Any) -> bool | None:
    """Return True, False, or None for what is neither."""
    if values.kind_of(condition) not in ("bool", "array", "tensor"):
        return None
    found = values.array_of(condition)
    if found is None or found.ndim or found.dtype.kind != "b":
        return None
    return bool(found)


def one_of(got: Any, options: Sequence[Any], *, given: str = "", what: str = "") -> None:
    """Check that the value is one of the options; as a visible check it gives nothing away.

    Raises
    ------
    Failure
    """
    if not any(compare.same(got, option, Rule(exact=True)) for option in options):
        listing = ", ".join(words.plain_repr(option, 40) for option in options)
        fail(compare.wrong_form(got, f"one of {listing}", what or "The result"), given=given)


def raises(
    exception_type: type[BaseException] | tuple[type[BaseException], ...],
    f: Callable[..., Any],
    *args: Any,
    match: str | None = None,
    given: str = "",
    mistakes: Sequence[Mistake] = (),
) -> BaseException:
    """Check that calling `f(*args)` raises this type, and return the exception.

    A NotImplementedError, or the NameError of a name that the learner has not defined, passes
    through unless it is asked for by name, so that a stub never counts as raising.

    Parameters
    ----------
    match : str, optional
        Regular expression searched for in the exception's text.

    Raises
    ------
    Failure
        When nothing is raised, or something else, or the text does not match.
    """
    types = exception_type if isinstance(exception_type, tuple) else (exception_type,)
    expected = " or ".join(kind.__name__ for kind in types)
    try:
        result = f(*args)
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        if isinstance(error, (NotImplementedError, NameError)) and not _named(error, types):
            raise
        if not isinstance(error, types):
            _fail_other_exception(error, expected, given, mistakes)
        _match_text(error, match, given, mistakes)
        return error
    finding = Finding(f"{expected} was expected, and nothing was raised.")
    finding.facts.append(("Got", words.plain_repr(result)))
    fail(finding, given=given, mistakes=mistakes, got=result)


def _named(error: BaseException, types: tuple[type[BaseException], ...]) -> bool:
    """Tell whether the test asks for NotImplementedError or NameError itself, not for a parent."""
    return any(issubclass(kind, (NotImplementedError, NameError)) for kind in types) and isinstance(
        error, types
    )


def _fail_other_exception(
    error: BaseException, expected: str, given: str, mistakes: Sequence[Mistake]
) -> NoReturn:
    finding = Finding(f"{expected} was expected, and {error_text(error)} was raised.")
    fail(finding, given=given, mistakes=mistakes)


def _match_text(
    error: BaseException, match: str | None, given: str, mistakes: Sequence[Mistake]
) -> None:
    if match is not None and re.search(match, safe_str(error)) is None:
        finding = Finding(
            f"{words.type_name(error)} was raised as expected, but its text does not say what "
            "it should."
        )
        finding.facts = [("Text", safe_str(error)), ("Expected to match", match)]
        fail(finding, given=given, mistakes=mistakes)


def safe_str(error: BaseException) -> str:
    """Return the text of an exception, whatever its class does."""
    try:
        return words.shorten(words.clean(str(error)), 400)
    except Exception:
        return "(no text)"


def error_text(error: BaseException) -> str:
    """Write an exception as `ValueError: the text`."""
    text = safe_str(error)
    return f"{words.type_name(error)}: {text}" if text else words.type_name(error)


def unchanged(
    f: Callable[..., Any], *args: Any, given: str = "", mistakes: Sequence[Mistake] = ()
) -> Any:
    """Call `f` with copies of `args` and return its result; fails when a copy was changed.

    Arrays, frames, tensors, lists, dicts and sets are looked at; functions and random generators
    are not.

    Returns
    -------
    anything
        What `f` returned.

    Raises
    ------
    Failure
        When an argument was changed in place.
    """
    copies = values.copy_of(list(args))
    result = f(*copies)
    for position, (before, after) in enumerate(zip(args, copies, strict=True)):
        if not _comparable(before):
            continue
        change = compare.difference(after, before, Rule(exact=True), "The argument")
        if change is None:
            continue
        finding = Finding(
            f"Argument {position + 1} of {len(args)} was changed in place; the caller still "
            "needs it as it was."
        )
        finding.facts = [(_before_after(label), _moved(text)) for label, text in change.facts]
        if not finding.facts:
            finding.facts = [("Change", _moved(change.summary))]
        fail(finding, given=given, mistakes=mistakes, got=result)
    return result


def _before_after(label: str) -> str:
    """Turn a label for expected and got into one for before and after."""
    names = {"Expected": "Before", "Got": "After", "First difference": "First change"}
    for old, new in (("Missing", "Gone"), ("Unexpected", "New")):
        if label.startswith(old):
            return label.replace(old, new, 1)
    return names.get(label, label)


def _moved(text: str) -> str:
    """Turn `expected 1, got 2` into `was 1, is now 2`."""
    return re.sub(r"expected ([^\n]*?), got ", r"was \1, is now ", text, count=1)


def _comparable(value: Any) -> bool:
    """Tell whether a change of the value can be told from the value alone."""
    try:
        return compare.difference(value, value, Rule(exact=True)) is None
    except TypeError:
        return False


def finite(
    value: Any, *, given: str = "", what: str = "", mistakes: Sequence[Mistake] = ()
) -> None:
    """Check that every number in the value is finite: no NaN, no inf, and at least one number.

    Parameters
    ----------
    value : number, array, tensor, frame, series, or list, tuple, dict of them

    Raises
    ------
    Failure
    """
    finding = _infinite(value, what or "The result", 0)
    if finding is not None:
        fail(finding, given=given, mistakes=mistakes, got=value)


def _infinite(value: Any, what: str, depth: int) -> Finding | None:
    kind = values.kind_of(value)
    if kind in ("frame", "series"):
        value = np.asarray(value.to_numpy())
    found = values.array_of(value)
    if found is not None and found.dtype.kind in "biufc":
        return _infinite_places(found, what)
    if found is None and kind in ("list", "tuple", "dict") and depth < values.MAX_DEPTH:
        pairs = values.pairs_of(value) if kind == "dict" else enumerate(values.items_of(value))
        for key, item in pairs:
            finding = _infinite(item, f"{what}[{words.plain_repr(key, 40)}]", depth + 1)
            if finding is not None:
                return finding
        if len(values.pairs_of(value) if kind == "dict" else values.items_of(value)):
            return None
    return compare.wrong_form(value, "finite numbers", what)


def _infinite_places(found: np.ndarray, what: str) -> Finding | None:
    if found.size == 0:
        return Finding(f"{what} is empty; expected finite numbers.")
    bad = ~np.isfinite(found)
    if not bad.any():
        return None
    if found.ndim == 0:
        return Finding(f"{what} is {words.number(found[()])}; expected a finite number.")
    where = [int(i) for i in np.argwhere(bad)[0]]
    finding = Finding(f"{what} is not finite in {int(bad.sum())} of {bad.size} places.")
    finding.facts = [
        ("Got", words.array_text(found)),
        ("First at", f"{where}: {words.number(found[tuple(where)])}"),
    ]
    return finding


def array(
    got: Any,
    *,
    shape: Sequence[int | None] | None = None,
    given: str = "",
    what: str = "",
    mistakes: Sequence[Mistake] = (),
) -> np.ndarray:
    """Return a trusted float64 copy of a learner's array, for checks of properties.

    Parameters
    ----------
    got : anything
        Must be an array or tensor of real numbers.
    shape : sequence of int or None, optional
        The expected shape; None matches any length.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    Failure
        When it is no array of numbers, or has another shape.
    """
    name = what or "The result"
    wanted = None if shape is None else "(" + ", ".join(map(_length, shape)) + ")"
    expected = "an array of numbers" + (f" of shape {wanted}" if wanted else "")
    found = values.array_of(got) if values.kind_of(got) in ("array", "tensor") else None
    if found is None or found.dtype.kind not in "iuf":
        fail(compare.wrong_form(got, expected, name), given=given, mistakes=mistakes, got=got)
    fits = shape is None or (
        len(shape) == found.ndim
        and all(n in (None, length) for n, length in zip(shape, found.shape, strict=True))
    )
    if not fits:
        finding = Finding(f"{name} has shape {found.shape}; expected {wanted}.")
        fail(finding, given=given, mistakes=mistakes, got=got)
    return found.astype(np.float64)


def _length(length: int | None) -> str:
    return "any" if length is None else str(length)


def number(got: Any, *, given: str = "", what: str = "", mistakes: Sequence[Mistake] = ()) -> float:
    """Return a trusted float for a learner's number, for checks of properties.

    Raises
    ------
    Failure
        When it is no single real number.
    """
    found = values.array_of(got) if values.kind_of(got) in ("number", "array", "tensor") else None
    if found is None or found.ndim or found.dtype.kind not in "iuf":
        name = what or "The result"
        fail(compare.wrong_form(got, "a number", name), given=given, mistakes=mistakes, got=got)
    return float(found)


def attempted(f: Callable[..., Any], *args: Any) -> bool:
    """Tell whether `f` is more than its stub: calling it does not raise NotImplementedError.

    It is called once with copies of `args`; what it prints, warns or raises is dropped.

    >>> def stub(x):
    ...     raise NotImplementedError()
    >>> attempted(stub, 1), attempted(abs, -1)
    (False, True)
    """
    with Quiet():
        try:
            f(*values.copy_of(list(args)))
        except NotImplementedError:
            return False
        except KeyboardInterrupt:
            raise
        except BaseException:
            return True
    return True
