"""Where do sweeps come from? One way in, `read`; one small module a tracker and a format.

What lies at a path is found, loaded as a table with what its source knows, and handed to `hpanalysis.sweeps.reading`::

    reader.py     `read`: a source, and what is said about it, becomes a sweep
    opening.py    a path, several, a frame or an object becomes one table with its identity
    finding.py    which source lies at a path: the protocol of all of them, `matches` and `load`
    stores.py     the trackers' stores that are known, one line each
    exports.py    the trackers' exported tables, told by their columns
    objects.py    the objects of trackers' libraries, told by their attributes
    files.py      tables by the ending of their names: csv.py, parquet.py, tables.py; frame.py for pandas
    sheet.py      where a table begins and ends in a sheet
    trackers/     a module a tracker
    plain/        files of strangers, read as plain data with limits; records and declared spaces
"""

from hpanalysis.sweeps.sources.reader import read
from hpanalysis.sweeps.sources.trackers.wandb import frames

__all__ = ["frames", "read"]
