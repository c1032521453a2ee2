"""Where do sweeps come from? One small module a format, and one way in, `read`.

A table is found, loaded and handed to `hpanalysis.sweeps.reading`::

    reader.py    `read`: a path or a frame, and what is said about it, becomes a sweep
    files.py     where a file is, and which module reads it
    csv.py       text tables: CSV and TSV, gzipped or not
    parquet.py   Parquet files
    frame.py     pandas frames
"""

from hpanalysis.sweeps.sources.reader import read

__all__ = ["read"]
