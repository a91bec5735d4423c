"""Run the command line as ``python -m repsearch``, which is how torchrun starts it."""

from repsearch.cli import main

if __name__ == "__main__":
    main()
