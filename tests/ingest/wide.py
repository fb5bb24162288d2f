#!/usr/bin/env python3
"""Makes files/wide.csv, 1 000 columns, and beside it what is right for it, by the rules of
docs/api.md and not by the module: c1 … c1000 are no names of parameters or labels and hold nothing
but numbers, so they are metrics without unit and direction, with the digits of the file; nothing is
left for dimensions or raw_data. Who changes it looks at `git diff`: the unit test reads the files."""

import pathlib

COLUMNS = range(1, 1001)
ROWS = [lambda i: f"{i}", lambda i: f"{i}.5"]

files = pathlib.Path(__file__).parent / "files"
lines = [",".join(f"c{i}" for i in COLUMNS)]
lines += [",".join(cell(i) for i in COLUMNS) for cell in ROWS]
(files / "wide.csv").write_text("\n".join(lines) + "\n")

told = [f"c{i}: metric" for i in COLUMNS]
told += ["{} {" + ",".join(f'"c{i}":{cell(i)}' for i in COLUMNS) + "} null" for cell in ROWS]
(files / "wide.csv.rows").write_text("\n".join(told) + "\n")
