"""Variables and text in other alphabets: λ, η, ∇, emoji, right-to-left, and combining marks."""

# %% descend
def descend(gradient, w, learning_rate, steps):
    η, 步数, ж = learning_rate, steps, w
    for _ in range(步数):
        ж = ж - η * gradient(ж)
    print("готово ✅ 🎉 שלום é ‏ 👩‍🔬 \U0001f9ee \udcff".encode("utf-8", "replace").decode())
    return ж

# %% mean
Σ = sum

def mean(x):
    """Der Mittelwert „x̄“ — naïve façade."""
    if not len(x):
        raise ValueError("keine Zahlen 😢")
    return Σ(x) / len(x)
