"""Record what every question answers, to compare later versions with: writes tests/reference/values/.

Run it with the code whose answers are to be kept, once::

    python -m tests.reference.record --code CHECKOUT

`--set drawn` records the values that are drawn again, once they were calibrated again, and leaves the exact ones;
`--question` records one question again, and leaves the others.

What the quick part asks was recorded again in November 2026, once most of it had changed on purpose and had been looked
through: no claim lost its estimate, estimates moved by 0.08 of their standard error in the middle and by 2.2 at most.

* Of independent draws, differences lose the luck that the other hyperparameters explain (control variates).
* The best of k has one k for the report, wider bounds, a place in its family, and no size where few runs show one; a
  pair without an interval has no estimate. A sweep that was searched has none, and each unit of evidence counts once.
* A hyperparameter is tested beside what the others let expect; a pair by an ANOVA-type test.
* Active against inactive is compared unadjusted.
* Levels are compared on average in `tuned_contrast` as in `contrast`; all of an answer are adjusted together.
* A configuration that was chosen to run again is judged without the runs that chose it; `check` has order and units.

* A best of k in the cells of a pair has the k of the report, or 10 or 5; smaller cells have none. So `interaction` was
  recorded again.

What the slow part asks is older where intended.csv names it, and is compared as it was where it does not.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

# Before numpy is imported: it reads them only then.
os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})


def main(argv: list[str] | None = None) -> int:
    """Ask every question of every sweep, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--code", type=Path, help="folder that holds the package hpanalysis; this checkout if left out")
    parser.add_argument("--family", action="append", help="only this family of sweeps, such as cnn; may be repeated")
    parser.add_argument("--question", action="append", help="only this question, such as curve; may be repeated")
    parser.add_argument("--set", choices=("exact", "drawn"), help="only this set of values")
    args = parser.parse_args(argv)
    if args.code:
        sys.path.insert(0, str(args.code.resolve()))
    import hpanalysis
    from tests.reference import asking, net

    print(f"hpanalysis {hpanalysis.__version__} of {Path(hpanalysis.__file__).parent}", flush=True)
    for family, sweeps in asking.families().items():
        if args.family and family not in args.family:
            continue
        start = time.process_time()
        kept = {which: net.load(which, family) if args.question else {} for which in net.SETS}
        for name, get in sweeps.items():
            sweep = get()
            for question in asking.questions_of(name):
                if args.question and question not in args.question:
                    continue
                for which, table in asking.asked(question, sweep).items():
                    kept[which].setdefault(name, {})[question] = table
        for which in (args.set,) if args.set else net.SETS:
            path = net.save(which, family, kept[which])
            print(f"{path.relative_to(net.HERE)}: {path.stat().st_size:,} bytes", flush=True)
        print(f"{family}: {time.process_time() - start:.1f} CPU s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
