"""Writes what tests/unit/test_changes.c and test_ttest.c compare with: changes.txt and pvalues.txt.

`make check-otava RECORD=1` runs it; what it writes is committed.
"""

import os

import numpy
from scipy import special, stats

from expected import change_points
from series import Case, Random, otava_cases

SERIES = 2200
HERE = os.path.dirname(os.path.abspath(__file__))


def write(name, comment, lines):
    with open(os.path.join(HERE, name), "w", encoding="ascii") as file:
        file.write("".join(f"# {line}\n" for line in comment))
        file.writelines(line + "\n" for line in lines)


def expected(case):
    points, near = change_points(case)
    found = " ".join(f"{index}:{'-' if p is None else f'{p:.7e}'}" for index, p in points)
    return ("~" if near else "=") + (" " + found if found else "")


def changes():
    for seed in range(1, SERIES + 1):
        yield f"{seed} {expected(Case(seed))}"
    for name, case in otava_cases(os.path.join(HERE, "otava_series.txt")):
        yield f"{name},{case.window_len},{case.max_pvalue:g},{case.min_magnitude:g} {expected(case)}"


def pvalues():
    degrees = [1, 1.5, 2, 3, 4.7, 5, 8, 10, 19.9, 30, 98, 100.3, 998, 1e4, 123456.7, 1e6]
    for df in degrees:
        for exponent in numpy.linspace(-8, 8, 33).tolist() + numpy.linspace(10, 150, 15).tolist():
            yield distribution(10.0**exponent, df)
        for p in (1e-5, 1e-20, 1e-50, 1e-100, 1e-150, 1e-200, 1e-250, 1e-299, 1e-300):
            t = float(-special.stdtrit(df, p / 2))
            if numpy.isfinite(t) and t < 1e150:
                yield distribution(t, df)
    r = Random(1)
    for i in range(400):
        sides = []
        for _ in range(2):
            sides += [2 + r.below(3 if i % 4 == 0 else 200), 100.0 + r.noise() * (1 + i % 20), (0.01 + r.unit()) * 10.0 ** (i % 5 - 2)]
        n1, m1, v1, n2, m2, v2 = sides
        for test, equal in (("student", True), ("welch", False)):
            p = stats.ttest_ind_from_stats(m1, v1**0.5, n1, m2, v2**0.5, n2, equal_var=equal).pvalue
            if p > 1e-305:
                yield f"{test} {n1} {m1!r} {v1!r} {n2} {m2!r} {v2!r} {float(p)!r}"
    for n in (1, 2, 3, 10, 100):
        p = [r.unit() ** 4 if r.below(4) else 0.01 for _ in range(n)]
        q = [float(v) for v in stats.false_discovery_control(p)]
        yield f"adjust {n} " + " ".join(map(repr, p + q))


def distribution(t, df):
    p = 2 * float(special.stdtr(df, -t))
    return f"t {t!r} {df!r} {p!r}" if p > 1e-305 else "# too small"


write("changes.txt", [
    "What Apache Otava 0.8.0 says; made by record.py. A series: a number (series.py makes it) or a name of otava_series.txt,",
    "with window_len, max_pvalue and min_magnitude. Then =, or ~ where two best q differ by less than 1e-12 relatively:",
    "there rounding decides, and nothing is compared. Then the change points, each with its p, or - where it is not compared.",
], changes())
write("pvalues.txt", [
    "What SciPy 1.16.3 says; made by record.py.",
    "t T DEGREES P | student N MEAN VARIANCE N MEAN VARIANCE P | welch, the same | adjust N and N times P, N times Q",
], [line for line in pvalues() if not line.startswith("#")])
