"""Writes what tests/integration/test_compare.c compares with: comparison.txt.

`make check-otava RECORD=1` runs it; what it writes is committed.
"""

import math
import os
import warnings

import numpy
from scipy import stats

from series import Random

warnings.filterwarnings("ignore", category=RuntimeWarning)
HERE = os.path.dirname(os.path.abspath(__file__))
BASE_RUNS, HEAD_RUNS = 10, 8
MIN_CHANGE, MAX_PVALUE = 2, 0.05
BETTER = {"time_ms": "lower", "rate_GB/s": "higher", "v": None}
FIELDS = list(BETTER)


def series(r):
    """Names, fields, and the values of both sides, a run each."""
    for i in range(36):
        level = (1 + r.below(1000)) / 4
        spread = (0.001, 0.01, 0.05, 0.2)[r.below(4)]
        step = (0, 0, 0.001, 0.015, 0.03, 0.1, 0.5, -0.03, -0.1, -0.4)[r.below(10)]
        yield f"random {i}", FIELDS[i % 3], *(
            [round(level * (1 + shift + spread * r.noise()), 3) for _ in range(n)]
            for shift, n in ((0, 2 + r.below(BASE_RUNS - 1)), (step, 2 + r.below(HEAD_RUNS - 1))))
    for field in FIELDS:
        yield "the same values", field, [5, 6, 7, 8], [8, 7, 6, 5]
        yield "constant and equal", field, [0.1] * 10, [0.1] * 3
        yield "constant, and higher", field, [7] * 5, [9] * 5
        yield "constant, and lower", field, [9.25] * 5, [7.5] * 2
        yield "from zero", field, [0] * 6, [3, 3.5, 3.25]
        yield "to zero", field, [3, 3.5, 3.25], [0] * 6
        yield "zero on both sides", field, [0] * 3, [0] * 3
        yield "around zero", field, [-1, 1, -2, 2], [5, 6, 7]
        yield "below zero", field, [-10, -10.5, -9.5, -10.25], [-20, -21, -19]
        yield "one value, near", field, [100], [101]
        yield "one value, far", field, [100], [150]
        yield "one value and several", field, [100], [150, 151, 149]
        yield "from zero, one value", field, [0], [2]
        yield "sure, but small", field, [100, 100.01, 99.99, 100] * 2, [101, 101.01, 100.99, 101]
        yield "large, but a chance", field, [50, 150, 100], [60, 190]
        yield "appears", field, [], [1, 2]
        yield "vanishes", field, [1], []
        yield "exactly the least change", field, [50, 50], [51, 51]
        yield "the least change, but for rounding", field, [10, 10, 10], [10.2, 10.2, 10.2]
    yield "no name", "v", [3.5, 3.25], [3.5, 3]


def figures(values):
    if not values:
        return "-"
    x = numpy.array(values, dtype=float)
    return " ".join([str(len(x)), repr(float(x.mean())), repr(float(x.std(ddof=1))) if len(x) > 1 else "-",
                     repr(float(x.min())), repr(float(x.max())), repr(float(numpy.median(x)))])


def pvalue(base, head):
    """Where neither side varies, SciPy says NaN."""
    if len(base) < 2 or len(head) < 2:
        return None
    if len(set(base)) == 1 and len(set(head)) == 1:
        return 1.0 if base[0] == head[0] else 0.0
    return float(stats.ttest_ind(base, head, equal_var=False).pvalue)


def verdict(field, base, head, adjusted):
    if not base or not head:
        return "new" if head else "missing"
    difference, mean = math.fsum(head) / len(head) - math.fsum(base) / len(base), math.fsum(base) / len(base)
    if abs(difference) < 1e-12 or (mean != 0 and abs(difference / mean) * 100 < MIN_CHANGE * (1 - 1e-12)):
        return "unchanged"
    if adjusted is None:
        return "undetermined"
    if adjusted > MAX_PVALUE:
        return "unchanged"
    if not BETTER[field]:
        return "changed"
    return "improvement" if (difference > 0) == (BETTER[field] == "higher") else "regression"


def or_dash(number):
    return "-" if number is None else repr(float(number))


cases = list(series(Random(7)))
pvalues = [pvalue(base, head) for _, _, base, head in cases]
known = [p for p in pvalues if p is not None]
adjusted = iter(stats.false_discovery_control(known))
with open(os.path.join(HERE, "comparison.txt"), "w", encoding="ascii") as file:
    file.write("# What SciPy 1.16.3 and NumPy 2.2.0 say; made by record_comparison.py. A series a line:\n"
               "# name;field;base's values;head's;figures of each (n mean stddev min max median);difference;"
               "percent;p;adjusted p;verdict\n")
    for (name, field, base, head), p in zip(cases, pvalues):
        q = None if p is None else float(next(adjusted))
        difference = float(numpy.mean(head) - numpy.mean(base)) if base and head else None
        percent = None if difference is None or numpy.mean(base) == 0 else difference / abs(numpy.mean(base)) * 100
        file.write(";".join([name, field, " ".join(map(str, base)), " ".join(map(str, head)), figures(base),
                             figures(head), or_dash(difference), or_dash(percent), or_dash(p), or_dash(q),
                             verdict(field, base, head, q)]) + "\n")
