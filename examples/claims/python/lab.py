"""Python's part of the laboratory: the experiments that each language has one of.

    python3 lab.py SUBCOMMAND ARGUMENT...

prints one line of JSON. It needs the standard library alone. Each subcommand is in a file of its own,
lab_SUBCOMMAND.py, whose function run does the work; Go's part is examples/claims/lab_*.go, and Rust's is
rust/src/bin/lab/*.rs.
"""

import importlib
import json
import sys

sys.dont_write_bytecode = True  # the folder is somebody's clone

SUBCOMMANDS = {"about", "spin", "tasks", "channel", "ticker", "echo", "fanout"}


def main(arguments):
    if not arguments or arguments[0] not in SUBCOMMANDS:
        sys.exit(f"lab.py: no such experiment: {arguments}")
    experiment = importlib.import_module("lab_" + arguments[0])
    print(json.dumps(experiment.run(*arguments[1:])))


if __name__ == "__main__":  # a pool's processes may import this file, and are not to run it
    main(sys.argv[1:])
