"""Time calls on a device, count what they ask of it, and make counts to try them on."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch

from repsearch.counts.counts import Counts
from repsearch.testing.counts_from import counts_from
from repsearch.training.arithmetic.matrix_products import product
from repsearch.training.compute import Products

DENSITY = 0.52  # of the counts of enwiki-low at 10,000 words
FEATURES = 64  # hidden ones that words share
REPEATS, SECONDS = 5, 0.1
ROWS = 200


def synthetic_counts(size: int) -> Counts:
    """Draw symmetric counts as full as a corpus's, of words that differ in frequency and kin.

    The mean count of a pair is 1 / sqrt(rank rank') times exp(f . f'), f of 64 Gaussian
    features whose variances fall as 0.15 k^-0.75, times what makes 52 % of pairs seen.

    Parameters
    ----------
    size : int
        V.

    Returns
    -------
    Counts
        Always the same.
    """
    rng = np.random.default_rng(0)
    scales = np.sqrt(0.15 * np.arange(1, FEATURES + 1) ** -0.75)
    features = (rng.standard_normal((size, FEATURES)) * scales).astype(np.float32)
    share = (1 / np.sqrt(np.arange(1, size + 1))).astype(np.float32)

    def mean(low: int, high: int) -> np.ndarray:
        found: np.ndarray = np.exp(features[low:high] @ features.T)
        found *= share[low:high, None] * share[None, :]
        return found

    chosen = np.sort(rng.choice(size, min(size, 400), replace=False))
    some = np.concatenate([mean(row, row + 1) for row in chosen.tolist()])
    low, high = 0.0, 1e12
    for _ in range(60):
        middle = (low + high) / 2
        filled = 1 - np.exp(-middle * some).mean()
        low, high = (middle, high) if filled < DENSITY else (low, middle)

    def rows(begin: int) -> np.ndarray:
        end = min(begin + ROWS, size)
        drawn = np.random.default_rng([1, begin]).poisson(low * mean(begin, end))
        return np.tril(drawn, begin)

    with ThreadPoolExecutor() as pool:
        half = np.concatenate(list(pool.map(rows, range(0, size, ROWS))))
    return counts_from(half + np.tril(half, -1).T)


def wait(device: str) -> None:
    """Wait until all work of the device is done."""
    if device == "cuda":
        torch.cuda.synchronize()


def seconds_of(call: Callable[[], object], device: str) -> float:
    """Time one call on the wall clock, up to the end of its work."""
    wait(device)
    begin = time.perf_counter()
    call()
    wait(device)
    return time.perf_counter() - begin


def typical(call: Callable[[], object], device: str) -> float:
    """Give the median seconds of a call, each time from enough calls to last a tenth of one."""
    seconds_of(call, device)  # compiled, and memory taken
    once = seconds_of(call, device)
    calls = max(1, min(1000, int(SECONDS / max(once, 1e-6))))

    def several() -> None:
        for _ in range(calls):
            call()

    repeats = REPEATS if once < 1 else 1
    return statistics.median(seconds_of(several, device) / calls for _ in range(repeats))


def floating_point_rate(device: str, products: Products, size: int = 8192) -> float:
    """Give operations a second of a large product of square matrices."""
    if device == "cpu":
        size = 1024
    one = torch.randn((size, size), device=device)
    if products == "bfloat16":
        half = one.bfloat16()  # rounded beforehand: the floor is the product alone
        return 2 * size**3 / typical(lambda: torch.mm(half, half), device)
    return 2 * size**3 / typical(lambda: product(one, one, products), device)


def profile(call: Callable[[], object], calls: int, device: str) -> dict[str, Any]:
    """Count launches, copies and waits of a call, and what takes its time, by torch's profiler."""
    from torch.profiler import ProfilerActivity
    from torch.profiler import profile as profiler

    kinds = [ProfilerActivity.CPU]
    if device == "cuda":
        kinds.append(ProfilerActivity.CUDA)
    call()
    wait(device)
    with profiler(activities=kinds) as seen:
        for _ in range(calls):
            call()
        wait(device)
    rows = seen.key_averages()

    def number(*parts: str) -> float:
        return sum(row.count for row in rows if any(part in row.key for part in parts)) / calls

    def milliseconds(row: Any) -> float:
        spent = getattr(row, "self_device_time_total", 0.0) if device == "cuda" else 0.0
        return float(spent or row.self_cpu_time_total) / 1e3 / calls

    top = sorted(rows, key=milliseconds, reverse=True)[:15]
    return {
        "launches": number("LaunchKernel"),
        "copies_to_device": number("Memcpy HtoD"),
        "copies_from_device": number("Memcpy DtoH"),
        "copies_within_device": number("Memcpy DtoD"),
        "waits": number("StreamSynchronize", "DeviceSynchronize", "EventSynchronize"),
        "top": [
            {"name": row.key[:80], "count": row.count / calls, "ms": milliseconds(row)}
            for row in top
        ],
    }
