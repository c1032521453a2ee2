"""A table of a study tuned by hand, as two students of machine learning printed it: the numbers, typed in again.

A convolutional network on Fashion-MNIST, named M{convolutions}.{dense layers}.{channels in}.{channels out}; the best
and the mean accuracy, the time and the number of weights; the learning rate was .01 before the last table.
"""

from __future__ import annotations

from pathlib import Path

# The table, the model, the learning rate, and what was printed of it: maximum, mean, time, parameters.
PRINTED = """
1 M1.3.32.32 0,01 89,2% 88,7% 24m59s 24,606,954
1 M2.3.32.32 0,01 87,1% 87,8% 3m1s 842,762
1 M3.3.32.32 0,01 87,8% 86,8% 2m29s 29,482
2 M1.3.32.32 0,01 89,2% 88,7% - -
2 M2.2.32.32 0,01 87,1% 86,0% - 679,466
2 M2.3.32.32 0,01 87,0% 85,2% - 842,762
2 M2.4.32.32 0,01 84,3% 86,9% - 882,938
2 M3.2.32.32 0,01 87,8% 86,8% - 27,722
2 M3.3.32.32 0,01 87,7% 86,3% - 29,482
2 M3.4.32.32 0,01 86,9% 85,3% - 29,482
3 M2.2.16.32 0,01 88,9% 87,6% 2m9s -
3 M2.2.32.32 0,01 87,1% 86,0% 2m58s -
3 M2.2.32.64 0,01 85,9% 87,6% 5m19s -
3 M2.2.64.128 0,01 86,0% 85,0% 14m57s -
3 M2.3.16.32 0,01 85,7% 85,1% 5m19s -
3 M2.3.32.32 0,01 87,0% 85,2% 3m13s -
3 M2.3.32.64 0,01 85,4% 83,3% 5m21s -
3 M2.3.64.128 0,01 85,7% 84,9% 17m45s -
3 M2.4.16.32 0,01 87,6% 86,8% 2m23s -
3 M2.4.32.32 0,01 84,3% 83,6% 3m18s -
3 M2.4.32.64 0,01 85,0% 83,5% 5m42s -
3 M2.4.64.128 0,01 10,5% 10,1% 17m13s -
3 M3.4.16.32 0,01 85,3% 83,2% 5m45s -
3 M3.4.32.32 0,01 86,9% 85,3% 2m29s -
3 M3.4.32.64 0,01 10,3% 10,2% 5m40s -
3 M3.4.64.128 0,01 10,1% 9,7% 17m8s -
4 M2.2.16.32 0,001 90,5% - - -
4 M2.2.32.32 0,001 91,8% - - -
4 M2.2.32.32 0,005 89,9% - - -
4 M2.2.32.32 0,0005 90,4% - - -
4 M2.2.32.64 0,001 91,6% - - -
4 M2.2.32.64 0,005 90,4% - - -
4 M2.2.32.64 0,0005 91,2% - - -
4 M3.2.32.32 0,001 88,1% - - -
"""
SIDECAR = """
metric: max accuracy
goal: max
stage: table
parts:
  model: [depth_conv, depth_fc, channels]
"""


def write(folder: Path) -> Path:
    """The table as a file that a spreadsheet writes where commas are decimal marks, and what its owners say of it."""
    header = "table;model;learning rate;max accuracy;mean accuracy;train time;parameters"
    cells = [";".join("" if cell == "-" else cell for cell in line.split()) for line in PRINTED.strip().splitlines()]
    path = folder / "students.csv"
    path.write_text("\n".join([header, *cells]) + "\n", encoding="utf-8")
    (folder / "students.sweep.yaml").write_text(SIDECAR, encoding="utf-8")
    return path
