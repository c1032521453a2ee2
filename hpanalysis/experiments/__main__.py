"""`python -m hpanalysis.experiments`: the same as `hpanalysis train`."""

import sys

from hpanalysis.cli import main

if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]]))
