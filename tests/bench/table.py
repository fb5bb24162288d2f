"""table.py - the table that the benchmark prints, and how a measure and its yardstick make a row of it.

Both are repeated in turn, so that they meet the same weather; the median counts.
"""
import math
import os
import statistics

from clients import Failed, wait_for_quiet

REPEATS = int(os.environ["BENCH_REPEATS"])
PAIRS = int(os.environ["BENCH_PAIRS"])


def text_of(value, unit):
    if unit == "s":
        return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.3g} ms"
    if unit == "MB":
        return f"{value / 1048576:.1f} MB"
    return f"{value:.1f}" if unit == "" else f"{value:,.0f} {unit}".replace(",", " ")


class Table:
    """Rows as they come to the terminal, all of them as Markdown at the end."""
    HEAD = ("measure", "this module", "yardstick", "ratio", "target", "met")

    def __init__(self):
        self.rows = []

    def add(self, measure, ours, yardstick, ratio, target, met):
        self.rows.append((measure, ours, yardstick, ratio, target, met))
        figures = ", ".join(part for part in (ours, yardstick, ratio) if part)
        print(f"  {measure}: {figures} (target {target}): {met}", flush=True)

    def print(self):
        widths = [max(len(row[i]) for row in [self.HEAD, *self.rows]) for i in range(6)]
        lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths))
                 for row in [self.HEAD, ["-" * width for width in widths], *self.rows]]
        print("\n" + "\n".join(f"| {line} |" for line in lines))
        met, reached = (sum(row[5] == word for row in self.rows) for word in ("yes", "reached"))
        print(f"\n{met} of {len(self.rows)} targets met" + (f", {reached} reached." if reached else "."))


table = Table()


def in_turn(*samplers, rounds=REPEATS):
    """Rounds of a sample each; the first round warms up and does not count."""
    for sampler in samplers:
        sampler()
    return [[sampler() for sampler in samplers] for _ in range(rounds)]


def compare(measure, ours, yardstick, unit, **target):
    """A row: two samplers, and `at_least` or `at_most` (this module's share of the yardstick), or
    `faster` (how many times)."""
    (kind, limit_), = target.items()
    wanted = {"at_least": f"≥ {limit_}", "at_most": f"≤ {limit_}", "faster": f"≥ {limit_} times faster"}[kind]
    try:
        wait_for_quiet()
        rounds = in_turn(ours, yardstick)
    except Failed as failure:
        table.add(measure, str(failure), "", "", wanted, "no")
        return
    mine, other = (statistics.median(taken) for taken in zip(*rounds))
    # of each round, because the next one may meet another weather
    ratio = statistics.median(b / a if kind == "faster" else a / b for a, b in rounds)
    met = ratio <= limit_ if kind == "at_most" else ratio >= limit_
    table.add(measure, text_of(mine, unit), text_of(other, unit), f"{ratio:.2f}", wanted,
              "yes" if met else "no")


def interval(values):
    """Between which of the values the median of all that could have been taken lies, in 9 of 10 cases:
    so few of n are further out on each side that a coin shows no more heads as rarely as that. (Where n is
    less than 5, all values are between.)"""
    values, n, out, rare = sorted(values), len(values), 0, 1
    while rare + math.comb(n, out + 1) <= 0.05 * 2 ** n:
        out += 1
        rare += math.comb(n, out)
    return values[out], values[-1 - out]


def compare_pairs(measure, ours, yardstick, unit, at_most):
    """A row of more rounds, for a small difference: the ratio with the interval that its median is in. Met: all of
    it reaches the target; reached: a part of it does."""
    try:
        wait_for_quiet()
        rounds = in_turn(ours, yardstick, rounds=PAIRS)
    except Failed as failure:
        table.add(measure, str(failure), "", "", f"≤ {at_most}", "no")
        return
    mine, other = (statistics.median(taken) for taken in zip(*rounds))
    ratios = [a / b for a, b in rounds]
    low, high = interval(ratios)
    met = "yes" if high <= at_most else "reached" if low <= at_most else "no"
    table.add(measure, text_of(mine, unit), text_of(other, unit),
              f"{statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})", f"≤ {at_most}", met)


def limit(measure, value, at_most, unit, wanted):
    """A row without a yardstick."""
    table.add(measure, text_of(value, unit), "", "", wanted, "yes" if value <= at_most else "no")
