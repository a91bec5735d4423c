"""Say clearly what is missing before a virtual environment is made."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    found = ".".join(map(str, sys.version_info[:3]))
    sys.exit(
        f"error: repsearch needs Python 3.11 or later, but {sys.executable} is {found}; "
        "name a newer one, for example: make demo PYTHON=python3.12"
    )
try:
    import ensurepip  # noqa: F401
    import venv  # noqa: F401
except ImportError:
    sys.exit(
        f"error: {sys.executable} cannot make virtual environments; install its venv module "
        "(on Debian and Ubuntu: apt install python3-venv) or name another Python"
    )
