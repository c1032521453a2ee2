"""What does `python -m hpanalysis` do? The same as the command `hpanalysis`."""

import sys

from hpanalysis.cli import main

if __name__ == "__main__":
    sys.exit(main())
