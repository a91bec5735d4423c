"""Pack checkpoints into a few small files, and make their folders again.

Weights in bfloat16 are kept as two planes of bytes, of which the one with the exponents
compresses well.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file

LARGEST = 15 * 2**20
"""Bytes of a packed file, at most."""


def pack(source: Path, out: Path) -> None:
    """Write `packed-0.zip` and so on: as many whole checkpoints in each as there is room for."""
    folders = sorted(source.glob("step-*"))
    if not folders:
        raise SystemExit(f"error: {source} holds no folder step-...; train first")
    out.mkdir(parents=True, exist_ok=True)
    groups: list[list[tuple[str, bytes]]] = [[]]
    common = [
        (path.name, path.read_bytes())
        for path in sorted(folders[0].iterdir())
        if path.suffix != ".safetensors" and path.name != "training.json"
    ]
    room = LARGEST - sum(len(content) for _, content in common)
    for folder in folders:
        parts = [(f"{folder.name}/training.json", (folder / "training.json").read_bytes())]
        parts.append((f"{folder.name}/weights.npz", _weights(folder / "model.safetensors")))
        size = sum(len(content) for _, content in parts)
        if size > room:
            groups.append([])
            room = LARGEST
        groups[-1] += parts
        room -= size
    groups[0] += common
    for number, group in enumerate(groups):
        with zipfile.ZipFile(out / f"packed-{number}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in group:
                archive.writestr(name, content)
    sizes = [path.stat().st_size for path in sorted(out.glob("packed-*.zip"))]
    print(
        f"{len(folders)} checkpoints in {len(sizes)} files, {sum(sizes) / 2**20:.1f} MiB, the "
        f"largest {max(sizes) / 2**20:.1f} MiB",
        flush=True,
    )


def unpack(source: Path, out: Path) -> None:
    """Make the folders again, byte for byte the same weights."""
    archives = sorted(source.glob("packed-*.zip"))
    if not archives:
        raise SystemExit(f"error: {source} holds no packed-...zip")
    out.mkdir(parents=True, exist_ok=True)
    common: dict[str, bytes] = {}
    steps: dict[str, dict[str, bytes]] = {}
    for path in archives:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                step, _, inner = name.rpartition("/")
                (steps.setdefault(step, {}) if step else common)[inner] = archive.read(name)
    for step, parts in sorted(steps.items()):
        folder = out / step
        folder.mkdir(exist_ok=True)
        for name, content in (common | {"training.json": parts["training.json"]}).items():
            (folder / name).write_bytes(content)
        with np.load(io.BytesIO(parts["weights.npz"])) as read:
            about = json.loads(str(read["about"]))
            weights = {
                name: torch.from_numpy(_joined(read[name])).view(torch.bfloat16).reshape(shape)
                for name, shape in about.items()
            }
        save_file(weights, folder / "model.safetensors", {"format": "pt"})
    print(f"{len(steps)} checkpoints in {out}", flush=True)


def _weights(file: Path) -> bytes:
    planes: dict[str, np.ndarray] = {}
    shapes: dict[str, list[int]] = {}
    with safe_open(file, "pt") as read:
        for name in read.keys():  # noqa: SIM118 (safe_open is no mapping)
            value = read.get_tensor(name)
            if value.dtype != torch.bfloat16:
                raise SystemExit(f"error: {file}: {name} is not bfloat16")
            shapes[name] = list(value.shape)
            flat = value.contiguous().view(torch.uint16).numpy().reshape(-1)
            planes[name] = np.ascontiguousarray(flat.view(np.uint8).reshape(-1, 2).T)
    stream = io.BytesIO()
    np.savez_compressed(stream, about=np.array(json.dumps(shapes)), **planes)
    return stream.getvalue()


def _joined(planes: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(planes.T).reshape(-1).view(np.int16)
