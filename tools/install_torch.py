"""Install torch, without gigabytes of CUDA packages on a machine that has no GPU.

The plain Linux wheel of torch depends on CUDA packages of several gigabytes.
So pip is first asked what it would install; if there is CUDA among it and no
NVIDIA driver on this machine, torch is left out: everything but products on a
torch device works without it, and the tests that need it are skipped and say so.
"""

import importlib.util
import json
import shutil
import subprocess
import sys

REQUIREMENT = "torch==2.13.0"


def main() -> None:
    """Install torch where that is cheap or of use."""
    if importlib.util.find_spec("torch") is not None:
        return
    pip = [sys.executable, "-m", "pip", "install", "--quiet"]
    asked = subprocess.run(
        [*pip, "--dry-run", "--report", "-", REQUIREMENT],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if asked.returncode != 0:
        print(f"pip finds no {REQUIREMENT}; going on without torch (its tests are skipped)")
        return
    planned = [item["metadata"]["name"].lower() for item in json.loads(asked.stdout)["install"]]
    cuda = [name for name in planned if name.startswith(("nvidia-", "cuda-", "triton"))]
    if cuda and shutil.which("nvidia-smi") is None:
        print(
            f"{REQUIREMENT} would bring {len(cuda)} CUDA packages, and there is no NVIDIA driver "
            "here; going on without torch (its tests are skipped).\n"
            "To have it, install the CPU build as https://pytorch.org/get-started describes."
        )
        return
    subprocess.run([*pip, REQUIREMENT], check=True)


if __name__ == "__main__":
    main()
