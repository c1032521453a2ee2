"""Files of strangers as plain data, with limits; and what all trackers share on the way to a table.

place.py                                   what lies at a path
guarded.py                                 bytes, JSON, SQLite, gzip and zip, bounded
flat_yaml.py literals.py protobuf.py       YAML, the text of Python values, protobuf without its schema
records.py spaces.py json_values.py        runs, declared spaces and curves as a table
wanted.py                                  what a store cannot say by itself
"""
