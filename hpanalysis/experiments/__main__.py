"""`python -m hpanalysis.experiments`: the same as `hpanalysis train`."""

import sys

from hpanalysis.errors import UserError
from hpanalysis.experiments.command import command

if __name__ == "__main__":
    try:
        sys.exit(command.main(prog_name="hpanalysis train", standalone_mode=False))
    except UserError as error:
        print(f"hpanalysis: {error}", file=sys.stderr)
        sys.exit(2)
