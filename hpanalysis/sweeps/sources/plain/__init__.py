"""Files of strangers as plain data, with limits; and what all trackers share on the way to a table.

place.py                                   what lies at a path
guarded.py                                 bytes, JSON, CSV, SQLite, gzip and zip, bounded
flat_yaml.py literals.py protobuf.py       YAML, the text of Python values, protobuf without its schema
values.py spaces.py records.py             values as cells, declared spaces, runs and curves as a table
"""
