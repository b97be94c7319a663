"""The picture of what was learned: the coefficients as words."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from curriculum.widgets.display import Picture
from curriculum.widgets.live import Live
from curriculum.widgets.predict import Prediction
from curriculum.widgets.sentiment.corpus import CORPORA, STRENGTHS, Array, features, model
from curriculum.widgets.style import COLORS
from curriculum.widgets.text import StampedText, add_title

#: Inches, at 100 pixels each.
FIGURE = (8.75, 4.25)
BARS = 12
LEAST = (3, 10, 30, 100, 300)
#: What the tokeniser leaves of I've, I'll, you're, and of didn't and its like: it splits at the
#: apostrophe and drops single letters.
ENDINGS = frozenset({"ve", "ll", "re"})
STARTS = frozenset(
    {
        "aren", "couldn", "didn", "doesn", "don", "hadn", "hasn", "haven", "isn", "wasn", "weren",
        "won", "wouldn",
    }
)  # fmt: skip


@dataclass(frozen=True)
class WordsSettings:
    """What the controls set: the corpus, scikit-learn's C, and how common a shown word is."""

    corpus: str = "food"
    c: float = 10.0
    least: int = 3


@dataclass(frozen=True, eq=False)
class WordsScene:
    """The words that pull hardest, hardest first.

    Attributes
    ----------
    settings : WordsSettings
    up, down : ndarray of int, shape (BARS,)
        Columns with the largest and the smallest coefficients.
    weights : ndarray, shape (V,)
    lam : float
    """

    settings: WordsSettings
    up: NDArray[np.int64]
    down: NDArray[np.int64]
    weights: Array
    lam: float


def words_scene(settings: WordsSettings) -> WordsScene:
    """Rank the words of a model that stand in at least `least` training texts."""
    for corpus in CORPORA:
        for c in STRENGTHS:
            model(corpus, c)  # once per process; so that no slider waits for a fit
    fitted, found = model(settings.corpus, settings.c), features(settings.corpus)
    common = np.flatnonzero(found.df >= settings.least)
    order = common[np.argsort(fitted.weights[common], kind="stable")]
    return WordsScene(settings, order[::-1][:BARS], order[:BARS], fitted.weights, fitted.lam)


def label(word: str) -> str:
    """Return a word as it is shown: a piece of a contraction with its apostrophe."""
    return f"'{word}" if word in ENDINGS else f"{word}'" if word in STARTS else word


def _labels(scene: WordsScene, columns: NDArray[np.int64]) -> list[str]:
    words = features(scene.settings.corpus).words
    return [label(str(words[column])) for column in columns]


def _listed(scene: WordsScene, columns: NDArray[np.int64]) -> str:
    parts = zip(_labels(scene, columns), scene.weights[columns], strict=True)
    return ", ".join(f"{word} {weight:+.2f}".replace("-", "−") for word, weight in parts)


def words_describe(scene: WordsScene) -> str:
    """Say in plain words what the picture shows."""
    now = scene.settings
    return (
        f"Coefficients of a logistic regression for {CORPORA[now.corpus]} ({now.corpus}), C = "
        f"{now.c:g}, among words in at least {now.least} texts. Towards positive: "
        f"{_listed(scene, scene.up)}. Towards negative: {_listed(scene, scene.down)}."
    )


def words_caption(scene: WordsScene) -> str:
    """Say in HTML what is on the screen now."""
    now = scene.settings
    shown = int((features(now.corpus).df >= now.least).sum())
    lam = np.format_float_positional(scene.lam, 2, fractional=False)  # no exponent
    norm = float(np.linalg.norm(scene.weights))
    pieces = [w for w in _labels(scene, np.r_[scene.up, scene.down]) if "'" in w]
    cut = (
        f" With an apostrophe ({', '.join(pieces)}): what the tokeniser leaves of words such as "
        "<code>I've</code> or <code>didn't</code>, and so what the model saw. It splits at the "
        "apostrophe and drops single letters."
        if pieces
        else ""
    )
    return (
        '<div class="cw-caption"><p role="status" aria-live="polite">'
        f"<b>{html.escape(now.corpus.capitalize())}, positive is {CORPORA[now.corpus]}: C = "
        f"{now.c:g}, which is λ = {lam}.</b> {len(scene.weights):,} coefficients of "
        f"length {norm:.1f}; {shown:,} of the words stand in at least {now.least} texts and may "
        f"be shown.{cut}</p></div>"
    )


class WordsDrawing:
    """The hardest pulls towards each class, as bars."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=FIGURE, dpi=100, facecolor="white")
        self.down = self.figure.add_axes((0.13, 0.125, 0.36, 0.775))
        self.up = self.figure.add_axes((0.63, 0.125, 0.36, 0.775))
        self._titles = [add_title(axes) for axes in (self.down, self.up)]
        self._bars, self._words = [], []
        for axes, colour in ((self.down, COLORS.vermillion), (self.up, COLORS.blue)):
            axes.set(ylim=(BARS - 0.4, -0.6), yticks=[], xlabel="size of the coefficient")
            self._bars.append(
                axes.barh(range(BARS), [0] * BARS, color=colour, height=0.7, animated=True)
            )
            texts = [
                StampedText(0, i, "", fontsize=9.5, ha="right", va="center", animated=True)
                for i in range(BARS)
            ]
            for text in texts:
                axes.add_artist(text)
            self._words.append(texts)

    def update(self, scene: WordsScene) -> bool:
        """Show this scene; return whether the axes changed."""
        top = 1.06 * float(np.abs(scene.weights[np.r_[scene.up, scene.down]]).max())
        changed = not np.isclose(self.up.get_xlim()[1], top)
        sides = (scene.down, scene.up)
        for axes, columns, bars, texts in zip(
            (self.down, self.up), sides, self._bars, self._words, strict=True
        ):
            if changed:
                axes.set_xlim(0, top)
            words = _labels(scene, columns)
            for i, column in enumerate(columns):
                bars[i].set_width(abs(scene.weights[column]))
                texts[i].set_text(words[i])
                texts[i].set_position((-0.02 * top, i))
        name = CORPORA[scene.settings.corpus]
        self._titles[0].set_text(f"Words that speak against {name}")
        self._titles[1].set_text(f"Words that speak for {name}")
        return bool(changed)


class WordsPicture(Live):
    """The coefficients as words; see `words`."""

    settings: WordsSettings

    def __init__(self) -> None:
        super().__init__(WordsSettings())

    def _drawing(self) -> WordsDrawing:
        return WordsDrawing()

    def _scene(self, settings: WordsSettings) -> WordsScene:
        return words_scene(settings)

    def _describe(self, scene: WordsScene) -> str:
        return words_describe(scene)

    def _caption(self, scene: WordsScene) -> str:
        return words_caption(scene)

    def _make_controls(self) -> dict[str, Any]:
        from curriculum.widgets import controls

        now = self.settings
        return {
            "corpus": controls.choice("Corpus", now.corpus, tuple(CORPORA)),
            "c": controls.choice("C", now.c, STRENGTHS),
            "least": controls.choice("In at least … texts", now.least, LEAST),
        }


def words(ask: bool = True) -> Picture:
    """Show the coefficients of a fitted model as words.

    Parameters
    ----------
    ask : bool
        Whether a prediction comes first, and unlocks the controls.
    """
    picture = WordsPicture()
    if not ask:
        return picture
    return Prediction(
        "A model learned five-star food reviews, and below are the words with the largest "
        "coefficients, rare words too, at C = 10. Now C is 1, and only words in at least 300 of "
        "the 4,000 reviews are ranked. Does any word without a sentiment of its own stand among "
        "the twelve that speak most <i>for</i> five stars?",
        [
            "No: only words of praise can get a large coefficient there",
            "Yes: words such as 'and' or 'my' tell what kind of review it is",
            "No: tf-idf gives frequent words a weight near zero",
            "Yes, but only as long as C is 10",
        ],
        1,
        "The model takes whatever goes together with the stars. Who lists several good things "
        "writes 'and'. So a coefficient is no opinion about a word. The picture now shows words in "
        "at least 300 reviews, at C = 1; <i>Reset</i> goes back.",
        picture,
        "sen_words",
        on_answer=lambda _: picture.change(c=1.0, least=300),
    )
