"""How many steps are kept of weights of which size."""

import pytest

torch = pytest.importorskip("torch", reason="the minimum needs the extra repsearch[torch]")

from repsearch.minimum.descent import _pairs_for  # noqa: E402


@pytest.mark.parametrize(
    ("shape", "pairs"),
    [((2, 10_000, 200), 12), ((100_000, 200), 10), ((2, 100_000, 200), 5), ((2, 10**6, 200), 5)],
)
def test_pairs_that_are_kept(shape: tuple[int, ...], pairs: int) -> None:
    weights = torch.empty(shape, dtype=torch.float32, device="meta")
    assert _pairs_for(weights) == pairs
