"""`python -m hpanalysis.experiments`: the same as `hpanalysis train`."""

import argparse
import sys

from hpanalysis.errors import UserError
from hpanalysis.experiments.command import add_arguments, main


def run() -> int:
    """Read the command line, train, and turn a user's error into one line and exit code 2."""
    parser = argparse.ArgumentParser(prog="hpanalysis train", description="Make a sweep by training networks.")
    add_arguments(parser)
    try:
        return main(parser.parse_args())
    except UserError as error:
        print(f"hpanalysis: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(run())
