"""The picture of preprocessing: what each step does to a review, and to the vocabulary."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from curriculum.widgets.display import Picture
from curriculum.widgets.live import Live
from curriculum.widgets.predict import Prediction
from curriculum.widgets.sentiment.corpus import TAG, texts
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import StampedText, add_title

#: Inches, at 100 pixels each.
FIGURE = (8.75, 3.25)
#: The steps in the order in which they are done.
STEPS = {
    "tags": "Strip HTML tags",
    "words": "Split off punctuation",
    "lower": "Lower the case",
    "negation": "Mark negation",
    "stop": "Drop stop words",
}
#: Tokens in the caption.
SHOWN_TOKENS = 60
MIN_DFS = (1, 2, 3, 5, 10)
BINS = (1, 2, 3, 5, 10, 100)
BIN_NAMES = ("1", "2", "3–4", "5–9", "10–99", "100+")

_PIECE = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[.,;:!?]")
_ENDS = frozenset(".,;:!?")
_NEGATORS = frozenset({"not", "no", "never", "nor", "cannot", "without"})


@dataclass(frozen=True)
class StepsSettings:
    """What the controls set: the review, the steps that are on, the least document frequency."""

    review: int = 1
    on: tuple[str, ...] = ()
    min_df: int = 1


@dataclass(frozen=True, eq=False)
class StepsScene:
    """One review after the steps, and the vocabulary of the training reviews.

    Attributes
    ----------
    settings : StepsSettings
    tokens : list of str
    df : ndarray of int
        In how many reviews each word of the vocabulary stands, before `min_df`.
    raw : int
        Size of the vocabulary with no step at all.
    """

    settings: StepsSettings
    tokens: list[str]
    df: NDArray[np.int64]
    raw: int

    @property
    def size(self) -> int:
        """Words that are kept."""
        return int((self.df >= self.settings.min_df).sum())

    @property
    def histogram(self) -> list[int]:
        """Words by the number of reviews they stand in; see `BIN_NAMES`."""
        edges = [*BINS, np.inf]
        return [
            int(((self.df >= low) & (self.df < high)).sum())
            for low, high in itertools.pairwise(edges)
        ]


@cache
def stop_words() -> frozenset[str]:
    """Return scikit-learn's English list, which holds "not", "no" and "never"."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS)


def _pieces(text: str, tags: bool, words: bool) -> list[str]:
    plain = TAG.sub(" ", text) if tags else text
    return _PIECE.findall(plain) if words else plain.split()


@lru_cache(maxsize=1 << 16)
def _is_negator(piece: str) -> bool:
    bare = piece.lower().strip('.,;:!?"()')
    return bare in _NEGATORS or bare.endswith(("n't", "n’t"))


def _negated(pieces: list[str]) -> list[bool]:
    """Say of each piece whether it stands between a negator and the next punctuation."""
    marks, scope = [], False
    for piece in pieces:
        negator = _is_negator(piece)
        marks.append(scope and not negator)
        scope = (scope or negator) and piece[-1] not in _ENDS
    return marks


def tokens(text: str, on: Iterable[str] = ()) -> list[str]:
    """Return the tokens of a text after some steps.

    Parameters
    ----------
    text : str
    on : iterable of str
        Keys of `STEPS`; they are done in that order, whatever order they come in.
    """
    steps = frozenset(on)
    words = "words" in steps
    pieces = _pieces(text, "tags" in steps, words)
    found = []
    for piece, negated in zip(pieces, _negated(pieces), strict=True):
        if words and piece in _ENDS:
            continue
        token = piece.lower() if "lower" in steps else piece
        if "stop" in steps and token in stop_words():
            continue
        found.append("not_" + token if negated and "negation" in steps else token)
    return found


@dataclass(frozen=True, eq=False)
class _Index:
    """The training reviews as numbers: the word, the review and the negation of each token."""

    ids: NDArray[np.int64]
    docs: NDArray[np.int64]
    negated: NDArray[np.bool_]
    lowered: NDArray[np.int64]
    stops: NDArray[np.bool_]


@cache
def _index(tags: bool, words: bool) -> _Index:
    table: dict[str, int] = {}
    ids, docs, negated = [], [], []
    for number, text in enumerate(texts("food", "training").texts):
        pieces = _pieces(text, tags, words)
        for piece, mark in zip(pieces, _negated(pieces), strict=True):
            if not (words and piece in _ENDS):
                ids.append(table.setdefault(piece, len(table)))
                docs.append(number)
                negated.append(mark)
    lowered = [table.setdefault(word.lower(), len(table)) for word in list(table)]
    lowered += range(len(lowered), len(table))
    stops = [word in stop_words() for word in table]
    return _Index(
        np.array(ids), np.array(docs), np.array(negated), np.array(lowered), np.array(stops)
    )


@lru_cache(maxsize=64)
def document_frequency(on: frozenset[str]) -> NDArray[np.int64]:
    """Return in how many of the training reviews each word of the vocabulary stands."""
    from scipy.sparse import coo_array

    index = _index("tags" in on, "words" in on)
    ids, docs, negated = index.ids, index.docs, index.negated
    if "lower" in on:
        ids = index.lowered[ids]
    if "stop" in on:
        keep = ~index.stops[ids]
        ids, docs, negated = ids[keep], docs[keep], negated[keep]
    size = len(index.lowered)
    if "negation" in on:
        ids = ids + size * negated
    # Brought into the words' order, which keeps the reviews of each word in theirs: then a review
    # counts where it is another than the one before. Sorting pairs takes five times as long.
    ordered = coo_array((docs, (ids, np.arange(len(ids))))).tocsr()
    new = np.append(True, np.diff(ordered.data) != 0)
    new[ordered.indptr[:-1][np.diff(ordered.indptr) > 0]] = True
    counts = np.diff(np.append(0, np.cumsum(new))[ordered.indptr])
    return counts[counts > 0]


@cache
def example_reviews() -> tuple[str, ...]:
    """Return training reviews with tags, capitals and negation, shortest first."""
    chosen = [
        text
        for text in texts("food", "training").texts
        if 120 < len(text) < 330 and "<br" in text and "n't" in text and "not" in text.split()
    ]
    return tuple(sorted(chosen, key=lambda text: (len(text), text))[:6])


def steps_scene(settings: StepsSettings) -> StepsScene:
    """Do the steps on the chosen review and on the training reviews."""
    for tags in (False, True):
        for words in (False, True):
            _index(tags, words)  # once per process; so that no toggle waits for it
    text = example_reviews()[settings.review - 1]
    return StepsScene(
        settings,
        tokens(text, settings.on),
        document_frequency(frozenset(settings.on)),
        len(document_frequency(frozenset())),
    )


def _named(settings: StepsSettings) -> str:
    names = [label.lower() for key, label in STEPS.items() if key in settings.on]
    return ", ".join(names).replace("html", "HTML") or "none"


def steps_describe(scene: StepsScene) -> str:
    """Say in plain words what the picture shows."""
    bars = "; ".join(
        f"{count:,} in {name}" for name, count in zip(BIN_NAMES, scene.histogram, strict=True)
    )
    return (
        f"Steps done: {_named(scene.settings)}. The vocabulary of the 4,000 training reviews has "
        f"{scene.size:,} words that stand in at least {scene.settings.min_df} of them; without any "
        f"step it has {scene.raw:,}. By the number of reviews a word stands in: {bars}. "
        f"The review's {len(scene.tokens)} tokens: {' | '.join(scene.tokens[:SHOWN_TOKENS])}"
    )


def steps_caption(scene: StepsScene) -> str:
    """Say in HTML what is on the screen now."""
    text = html.escape(example_reviews()[scene.settings.review - 1])
    chips = " ".join(
        '<code style="border:1px solid #bbb;border-radius:3px;padding:0 3px">'
        f"{html.escape(token)}</code>"
        for token in scene.tokens[:SHOWN_TOKENS]
    )
    more = len(scene.tokens) - SHOWN_TOKENS
    rest = f" … and {more} more" if more > 0 else ""
    return (
        f'<div class="cw-caption"><p><b>The review:</b> {text}</p>'
        f'<p role="status" aria-live="polite"><b>Steps done: {_named(scene.settings)}.</b> '
        f"The review has {len(scene.tokens)} tokens now, the vocabulary {scene.size:,} words.</p>"
        f"<p>{chips}{rest}</p></div>"
    )


class StepsDrawing:
    """How large the vocabulary is, and how rare its words are."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=FIGURE, dpi=100, facecolor="white")
        self.sizes = self.figure.add_axes((0.13, 0.17, 0.30, 0.70))
        self.rarity = self.figure.add_axes((0.54, 0.17, 0.44, 0.70))
        self._titles = [add_title(axes) for axes in (self.sizes, self.rarity)]
        axes = self.sizes
        axes.set(xlim=(0, 36_000), ylim=(-0.6, 1.6), xlabel="words in the vocabulary")
        axes.set_xticks([0, 10_000, 20_000, 30_000], ["0", "10,000", "20,000", "30,000"])
        axes.set_yticks([0, 1], ["now", "no step"])
        self._bars = axes.barh(
            [0, 1], [0, 0], color=[COLORS.blue, "#aaaaaa"], height=0.55, animated=True
        )
        axes = self.rarity
        axes.set(ylim=(0, 26_000), xlabel="reviews that the word stands in", ylabel="words")
        axes.set_xticks(range(len(BINS)), BIN_NAMES)
        axes.set_yticks([0, 10_000, 20_000], ["0", "10,000", "20,000"])
        self._columns = axes.bar(
            range(len(BINS)), [0] * len(BINS), color=COLORS.blue, width=0.7, animated=True
        )
        self._counts = [
            StampedText(i, 0, "", fontsize=9, ha="center", animated=True) for i in range(len(BINS))
        ]
        for text in self._counts:
            axes.add_artist(text)

    def update(self, scene: StepsScene) -> bool:
        """Show this scene; nothing changes that is not animated."""
        for bar, size in zip(self._bars, (scene.size, scene.raw), strict=True):
            bar.set_width(size)
        for i, count in enumerate(scene.histogram):
            self._columns[i].set_height(count)
            kept = BINS[i] >= scene.settings.min_df or (
                i + 1 < len(BINS) and BINS[i + 1] > scene.settings.min_df
            )
            self._columns[i].set_facecolor(COLORS.blue if kept else "#cccccc")
            self._counts[i].set_position((i, count + 500))
            self._counts[i].set_text(f"{count:,}")
        self._titles[0].set_text(f"{scene.size:,} of {scene.raw:,} words")
        once = scene.histogram[0] / max(len(scene.df), 1)
        self._titles[1].set_text(
            f"{100 * once:.0f} % of the words stand in a single review"
            if scene.settings.min_df == 1
            else f"{100 * once:.0f} % stand in a single review; grey: dropped"
        )
        return False


class StepsPicture(Live):
    """Toggle the steps of preprocessing; see `steps`."""

    settings: StepsSettings

    def __init__(self) -> None:
        super().__init__(StepsSettings())

    def _drawing(self) -> StepsDrawing:
        return StepsDrawing()

    def _scene(self, settings: StepsSettings) -> StepsScene:
        return steps_scene(settings)

    def _describe(self, scene: StepsScene) -> str:
        return steps_describe(scene)

    def _caption(self, scene: StepsScene) -> str:
        return steps_caption(scene)

    def _above(self) -> list[str]:
        return ["on"]

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        numbers = tuple(range(1, len(example_reviews()) + 1))
        return {
            "on": controls.Toggles(STEPS, now.on),
            "review": controls.choice("Review", now.review, numbers),
            "min_df": controls.choice("In at least … reviews", now.min_df, MIN_DFS),
        }


def steps(ask: bool = True) -> Picture:
    """Show what each preprocessing step does to a review and to the vocabulary.

    Parameters
    ----------
    ask : bool
        Whether a prediction comes first, and unlocks the controls.
    """
    picture = StepsPicture()
    if not ask:
        return picture
    sizes = {key: len(document_frequency(frozenset({key}))) for key in ("tags", "lower", "stop")}
    return Prediction(
        "Split at spaces, the 4,000 training reviews have a vocabulary of some 30,000 words. Which "
        "single step shrinks it most?",
        [
            "Strip the HTML tags",
            "Split off punctuation",
            "Lower the case",
            "Drop the 318 stop words",
        ],
        1,
        "Split at spaces, <code>tea</code>, <code>tea.</code>, <code>tea,</code> and "
        "<code>(tea)</code> are four words. Stop words are frequent, not many: dropping them "
        "shortens the reviews and hardly changes the vocabulary. The picture now splits off "
        f"punctuation; alone, stripping tags would leave {sizes['tags']:,} words, lowering the "
        f"case {sizes['lower']:,}, dropping stop words {sizes['stop']:,}. <i>Reset</i> goes back.",
        picture,
        "sen_steps",
        on_answer=lambda _: picture.change(on=("words",)),
    )
