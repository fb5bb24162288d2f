"""Compares build/changes with Apache Otava itself, on series that nothing recorded, and times both.

compare.py PROGRAM SERIES FIRST: so many random series from that number on, and Otava's own.
"""

import os
import statistics
import subprocess
import sys
import time

from otava.analysis import compute_change_points

from expected import change_points
from series import Case, Random, otava_cases, values

HERE = os.path.dirname(os.path.abspath(__file__))


def line(case):
    settings = [case.window_len, case.max_pvalue, case.min_magnitude, len(case.values), *case.values]
    return " ".join(map(repr, settings))


def ours(cases, repetitions=1):
    """For each case the nanoseconds and [(index, p)]."""
    text = "".join(line(case) + "\n" for case in cases)
    done = subprocess.run([sys.argv[1], str(repetitions)], input=text, capture_output=True, text=True, check=True)
    for answer in done.stdout.splitlines():
        nanoseconds, *points = answer.split()
        yield float(nanoseconds), [(int(i), float(p)) for i, p in (point.split(":") for point in points)]


def same(expected, found):
    return [i for i, _ in expected] == [i for i, _ in found] and all(
        p is None or abs(q - p) <= 1e-6 * p for (_, p), (_, q) in zip(expected, found)
    )


def compare(cases):
    near, differ = [], []
    for (name, case), (_, found) in zip(cases, ours([case for _, case in cases])):
        expected, is_near = change_points(case)
        if is_near:
            near.append(name)
        elif not same(expected, found):
            differ.append(name)
            print(f"{name}: Otava {expected}, here {found}")
    print(f"{len(cases) - len(near)} series compared, {len(differ)} differ")
    print(f"{len(near)} not compared, as rounding decides between their two best divisions: {' '.join(near)}")
    return not differ


def of_length(n):
    case = Case(1)
    case.window_len, case.max_pvalue, case.min_magnitude = 50, 0.001, 0.0
    case.values = list(values(Random(n), n))
    return case


def time_both():
    """The same series, one after the other, in the same minute; medians of seven."""
    for n in (100, 1000):
        case = of_length(n)
        otava = []
        for _ in range(7):
            start = time.perf_counter()
            compute_change_points(list(case.values), case.window_len, case.max_pvalue, case.min_magnitude)
            otava.append(time.perf_counter() - start)
        here = statistics.median(ns for ns, _ in ours([case] * 7, 20)) / 1e9
        there = statistics.median(otava)
        print(f"{n} points: {here * 1e3:.3f} ms, Otava {there * 1e3:.1f} ms, {there / here:.0f} times as long")
    cases = [of_length(100) for _ in range(3500)]
    print(f"3 500 series of 100 points: {sum(ns for ns, _ in ours(cases)) / 1e9:.3f} s")


first = int(sys.argv[3])
everything = [(str(seed), Case(seed)) for seed in range(first, first + int(sys.argv[2]))]
everything += [
    (f"{name},{case.window_len},{case.max_pvalue:g},{case.min_magnitude:g}", case)
    for name, case in otava_cases(os.path.join(HERE, "otava_series.txt"))
]
ok = compare(everything)
time_both()
sys.exit(not ok)
