"""Follow the quartic loss's gradient flow by steps that are exact on its linear part.

Under Setting 3.1 the flow is dW/dt = L W + N(W), L = M*/2, N(W) = -W W^T W / 2.
M* has a negative eigenvalue of the order of V, and any explicit method on the
whole must take steps below 7 over it, though that direction has decayed after
the first of them. Along given eigenpairs V Lambda V^T of M* the exponential of
L is known. What they leave of L is part of N, so that the method is right
whatever the eigenpairs are worth, and is fast when no large eigenvalue is
missing.

Krogstad's ETDRK4-B (J. Comput. Phys. 203 (2005) 72-88), which is Cox and
Matthews' with a stage made better (J. Comput. Phys. 176 (2002) 430-455), with
an error estimate of order 3 from the next step's first velocity in place of the
last stage's (Whalen, Brio and Moloney, J. Comput. Phys. 280 (2015) 579-601).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.training.arithmetic.reproducible import combination, one_torch_thread
from repsearch.training.integrators.adaptive import FlowStep, StepSize, check_rtol
from repsearch.training.integrators.phi_functions import phi
from repsearch.training.integrators.rounding import TurnedStep
from repsearch.training.protocols import Objective
from repsearch.training.state import State

if TYPE_CHECKING:
    from torch import Tensor

_ORDER = 4


@dataclass(frozen=True, eq=False)
class Exponential:
    """Adaptive steps of order 4 along dW/dt = (M* - W W^T) W / 2, exact where the path is linear.

    For tied weights, the quartic loss and Setting 3.1 (arXiv 2502.09863, Lemma 3.1), by
    Krogstad's ETDRK4-B (2005). A step costs 4 gradients and 22 V K d operations for K
    eigenpairs.

    Parameters
    ----------
    spectrum : Spectrum
        K eigenpairs of M*, with the eigenvalues of largest magnitude at both ends:
        ``eigenpairs(mstar(counts), K, by="magnitude")``.
    rtol : float
        Error of a step, relative to each mode's own size (`ModeScale`).

    Raises
    ------
    InputError
        A tolerance that is not between 0 and 1.

    Examples
    --------
    >>> import torch
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> from repsearch.training import Compute, Exponential, Quartic, State, full_batch, pair_terms
    >>> counts = BinaryAttributes([0.4, 0.3]).sample(1000, seed=0)
    >>> objective = full_batch(
    ...     pair_terms(counts, rs.Setting31()), Quartic(), tied=True, compute=Compute()
    ... )
    >>> spectrum = rs.eigenpairs(rs.mstar(counts), 4, by="magnitude")
    >>> state = State(1e-6 * torch.eye(4, 2).double())
    >>> while state.time < 10.0:
    ...     state = Exponential(spectrum).step(objective, state, limit=10.0)
    >>> state.time, state.step < 10
    (10.0, True)
    """

    spectrum: Spectrum
    rtol: float = 1e-6
    _placed: dict[tuple[object, object], Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        check_rtol(self.rtol)

    @property
    def stochastic(self) -> bool:
        """No: the error of a step would be that of the draw."""
        return False

    def _vectors(self, weights: Tensor) -> Tensor:
        """Give the eigenvectors as the weights are, moved to their device once."""
        import torch

        place = weights.device, weights.dtype
        if place not in self._placed:
            self._placed[place] = torch.as_tensor(self.spectrum.eigenvectors).to(weights)
        return self._placed[place]

    def step(self, objective: Objective, state: State, limit: float) -> State:
        """Take one step that keeps to the tolerance.

        Parameters
        ----------
        objective : Objective
            `full_batch` of the quartic loss under Setting 3.1, tied.
        state : State
            Where the step begins.
        limit : float
            Flow time beyond which it does not go.

        Returns
        -------
        State
            After the step.

        Raises
        ------
        InputError
            Another loss or weighting, untied weights, a spectrum over another
            number of words, a limit that is not ahead.
        DivergenceError
            A gradient that is not finite, or no step that is small enough.
        """
        self._check(objective, state)
        flow = FlowStep(objective, state, limit, self.rtol)
        size = StepSize(flow, _ORDER)
        linear = _Linear(self.spectrum, self._vectors(state.weights), flow)
        while True:
            weights, velocity, error = linear.attempt(size.size)
            if size.accepts(error, weights, velocity, partial(self._again, flow, size.size)):
                return flow.arrived(weights, velocity, size)

    def _again(self, flow: FlowStep, h: float) -> Tensor:
        vectors = self._vectors(flow.state.weights)
        return _Linear(self.spectrum, vectors, flow.turned()).attempt(h)[2]

    def _check(self, objective: Objective, state: State) -> None:
        # Here, for a run that was made so is read where there is no torch.
        from repsearch.training.objectives.quartic_full_batch import QuarticFullBatch

        if not isinstance(objective, QuarticFullBatch) or not objective.tied:
            raise InputError(
                "Exponential is for the quartic loss under Setting 3.1 with tied weights, fed "
                f"by all pairs, not for this {type(objective).__name__}; use RungeKutta or "
                "Chebyshev"
            )
        words = len(self.spectrum.eigenvectors)
        if words != state.weights.shape[0]:
            raise InputError(
                f"the spectrum is over {words} words and the weights over "
                f"{state.weights.shape[0]}; pass the spectrum of these counts"
            )


class _Linear:
    """Attempts at one step, in the whole space and, besides, along the eigenvectors.

    Off the eigenvectors all functions have their values at 0, and the method is
    an ordinary Runge-Kutta method. So each stage is worked out that way in the
    whole space, and what the eigenvectors' coordinates should be instead is put
    in by a product with V.

    Parameters
    ----------
    spectrum : Spectrum
        K eigenpairs of M*.
    vectors : (V, K) tensor
        Its eigenvectors, as the weights are.
    flow : FlowStep
        The step.
    """

    def __init__(self, spectrum: Spectrum, vectors: Tensor, flow: FlowStep | TurnedStep) -> None:
        weights = flow.state.weights
        self._flow = flow
        self._half = spectrum.eigenvalues.astype(np.float64) / 2
        self._vectors = vectors
        (self._half_column,) = self._columns([self._half])
        self._start = self._coordinates(weights)
        self._along = self._coordinates(flow.first)
        self._rest = self._without_linear(self._along, self._start)

    def attempt(self, h: float) -> tuple[Tensor, Tensor, Tensor]:
        """Try a step of size h.

        Parameters
        ----------
        h : float
            Flow time.

        Returns
        -------
        weights : (V, d) tensor
            W after the step.
        velocity : (V, d) tensor
            dW/dt there.
        error : (V, d) tensor
            Estimated error of the weights.
        """
        # The last entry stands for all that is off the eigenvectors.
        z = h * np.append(self._half, 0.0)
        velocities, along, rest = [self._flow.first], [self._along], [self._rest]
        weights = self._flow.state.weights
        tableau, last = _tableau(z), _last_weight(z)
        columns = iter(
            self._columns(
                [a for grown, row in tableau for a in (grown, *row) if a is not None] + [last]
            )
        )
        for _, row in tableau:
            parts = [(a, k) for k, a in enumerate(row) if a is not None]
            inside = next(columns) * self._start
            for _, k in parts:
                inside = inside + h * next(columns) * rest[k]
            plain = [(h * float(a[-1]), k) for a, k in parts]
            inside_plain = combination((1, self._start), *((c, along[k]) for c, k in plain))
            weights = combination(
                (1, self._flow.state.weights), *((c, velocities[k]) for c, k in plain)
            )
            weights = weights + self._back(inside - inside_plain)
            velocities.append(self._flow.velocity(weights))
            along.append(self._coordinates(velocities[-1]))
            rest.append(self._without_linear(along[-1], inside))
        plain_last = h * float(last[-1])
        inside = h * next(columns) * (rest[3] - rest[4])
        inside = inside - plain_last * (along[3] - along[4])
        error = combination((plain_last, velocities[3]), (-plain_last, velocities[4]))
        return weights, velocities[4], error + self._back(inside)

    def _without_linear(self, along: Tensor, inside: Tensor) -> Tensor:
        """Work out N along the eigenvectors, from the velocity and the weights there."""
        return along - self._half_column * inside

    @one_torch_thread()
    def _coordinates(self, tensor: Tensor) -> Tensor:
        return self._vectors.T @ tensor

    @one_torch_thread()
    def _back(self, inside: Tensor) -> Tensor:
        return self._vectors @ inside

    def _columns(self, numbers: list[NDArray[np.float64]]) -> Tensor:
        """Move the entries along the eigenvectors, (m, K, 1), to the device, all at once."""
        import torch

        rows = np.stack([one[: len(self._half)] for one in numbers])
        return torch.as_tensor(rows[:, :, None]).to(self._vectors)


Row = tuple[NDArray[np.float64] | None, ...]


def _tableau(z: NDArray[np.float64]) -> list[tuple[NDArray[np.float64], Row]]:
    """Give for each stage, and the step itself, e^(c z) and the weights of the N before it.

    Not finite where e^z is beyond float64, so that such a step is rejected.
    """
    e_half, p1_half, p2_half = phi(z / 2, 2)
    e, p1, p2, p3 = phi(z, 3)
    with np.errstate(over="ignore", invalid="ignore"):
        middle = 2 * p2 - 4 * p3
        return [
            (e_half, (p1_half / 2,)),
            (e_half, (p1_half / 2 - p2_half, p2_half)),
            (e, (p1 - 2 * p2, None, 2 * p2)),
            (e, (p1 - 3 * p2 + 4 * p3, middle, middle, _last_weight(z))),
        ]


def _last_weight(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the weight of the last stage in the step."""
    _, _, p2, p3 = phi(z, 3)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(4 * p3 - p2)
