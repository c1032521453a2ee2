"""Where do sweeps come from? One way in, `read`; one small module a tracker and a format.

What lies at a path is found, loaded as a table with what its source knows, and handed to `hpanalysis.sweeps.reading`::

    reader.py     `read`: a source, and what is said about it, becomes a sweep
    opening.py    a path, several, a frame or an object becomes one table with its identity
    finding.py    which source lies at a path: a folder is searched, what is in doubt is listed
    known.py      the sources that are known, one line each: stores, exported tables, objects
    trackers/     what reads them: a function a source, from a place, a frame or an object to a table
    files.py      tables by the ending of their names: csv.py, parquet.py, tables.py; frame.py for pandas
    sheet.py      where a table begins and ends in a sheet
    plain/        files of strangers, read as plain data with limits; values, declared spaces, records
"""

from hpanalysis.sweeps.sources.reader import read
from hpanalysis.sweeps.sources.trackers.wandb import frames

__all__ = ["frames", "read"]
