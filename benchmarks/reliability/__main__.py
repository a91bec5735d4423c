"""Break repsearch in many ways and write down what it does.

python -m benchmarks.reliability classes     run the tests of the 25 classes of faults
python -m benchmarks.reliability kills       kill every long command at random moments
python -m benchmarks.reliability flips       flip bits in every file of ours, or cut it short
python -m benchmarks.reliability fuzz        read damaged files of every format
python -m benchmarks.reliability mutants     change the numerical core, and see which tests fail
python -m benchmarks.reliability document    write docs/reliability.md from what these found

Each takes --help. Each writes a JSON file of its own name beside this file.
"""

import importlib
import sys

STAGES = ("classes", "kills", "flips", "fuzz", "mutants", "document")


def main() -> None:
    """Run the stage that the command line names."""
    stage, arguments = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    if stage not in STAGES:
        print(__doc__)
        sys.exit(0 if stage in ("-h", "--help") else 2)
    # One by one, so that a stage needs only what it uses.
    importlib.import_module(f"benchmarks.reliability.{stage}").main(arguments)


if __name__ == "__main__":
    main()
