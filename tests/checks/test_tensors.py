"""Tensors: read on the CPU, out of the graph, whatever their layout."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cells import message

from curriculum import checks

want = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    "got",
    [
        torch.tensor(want),
        torch.tensor(want, dtype=torch.float32),
        torch.tensor(want, dtype=torch.bfloat16),
        torch.tensor(want, requires_grad=True) * 1,
        torch.nn.Parameter(torch.tensor(want)),
        torch.tensor(want).to_sparse(),
    ],
)
def test_a_tensor_stands_for_an_array(got):
    checks.close(got, want)
    checks.close(got, torch.tensor(want))


def test_an_array_does_not_stand_for_a_tensor():
    assert "expected a tensor of shape (3,)" in message(
        lambda: checks.close(want, torch.tensor(want))
    )


def test_messages():
    assert "shape (3, 1); expected (3,)" in message(
        lambda: checks.close(torch.ones(3, 1), torch.ones(3))
    )
    assert "got = 2 × expected" in message(
        lambda: checks.close(torch.tensor(2 * want), torch.tensor(want))
    )
    assert "holds integers (dtype int64)" in message(
        lambda: checks.close(torch.tensor([1, 2, 3]), torch.tensor(want))
    )


def test_numbers():
    checks.close(torch.tensor(1.5), 1.5)
    checks.equal(torch.tensor(True), True)
    checks.close([torch.ones(2), torch.ones(3)], [torch.ones(2), np.ones(3)])
