"""Print the oldest versions that pyproject.toml allows, as constraints for pip.

`make oldest` installs exactly these and runs the smoke tests on them, so that a
declared minimum is one that has been tried; all but torch's, which
tools/install_torch.py picks.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
# The forms that are used; another one has to be understood here before it is used.
_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(\[[a-z]+\])?(?P<relation>>=|==)(?P<version>[0-9.]+)"
)


def oldest(requirements: list[str]) -> dict[str, str]:
    """Oldest version that each requirement allows.

    Parameters
    ----------
    requirements : list of str
        Each a name and a bound, like ``numpy>=1.26`` or ``fsspec[http]>=2024.2``; constraints have
        no extras.

    Returns
    -------
    dict of str to str
        Version by name.

    Raises
    ------
    ValueError
        A requirement of another form, or two that disagree on one package.
    """
    versions: dict[str, str] = {}
    for requirement in requirements:
        match = _REQUIREMENT.fullmatch(requirement)
        if match is None:
            raise ValueError(f"{requirement!r} does not have the form name>=version")
        name, version = match["name"].lower(), match["version"]
        if versions.setdefault(name, version) != version:
            raise ValueError(f"{name} has two bounds: {versions[name]} and {version}")
    return versions


def main() -> None:
    """Print one constraint a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extras", nargs="*", help="extras to add to the runtime dependencies")
    extras = parser.parse_args().extras
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    running = ".".join(map(str, sys.version_info[:2]))
    if project["requires-python"] != f">={running}":
        print(
            f"warning: the oldest versions go with Python {project['requires-python']}, and this "
            f"is {running}: some may not install; name another one with PYTHON=",
            file=sys.stderr,
        )
    declared = project["optional-dependencies"]
    if unknown := sorted(set(extras) - set(declared)):
        sys.exit(f"no extra {unknown[0]!r}: there are {', '.join(declared)}")
    requirements = project["dependencies"] + [line for name in extras for line in declared[name]]
    for name, version in oldest(requirements).items():
        print(f"{name}=={version}")


if __name__ == "__main__":
    main()
