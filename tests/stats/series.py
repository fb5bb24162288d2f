"""Series to find change points in, made of a number: tests/unit/test_changes.c makes the same ones.

Only +, -, * and / of doubles and whole numbers, in an order that is written down, so that both make the same bits.
"""

import math

MASK = (1 << 64) - 1


class Random:
    """SplitMix64."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, n):
        return self.next() % n

    def unit(self):
        return (self.next() >> 11) * 2.0**-53

    def noise(self):
        """Nearly normal, around 0."""
        sum = self.unit()
        sum += self.unit()
        sum += self.unit()
        sum += self.unit()
        return sum - 2.0


MAX_PVALUES = [0.001, 0.0001, 0.01, 0.05, 0.2, 0.6, 0.000001]
MIN_MAGNITUDES = [0.0, 0.01, 0.05, 0.2]
SPREADS = [0.001, 0.01, 0.05, 0.3]
STEPS, DRIFT, OUTLIERS, VARIANCE, TIES, CONSTANT, ZERO, DECIMALS = KINDS = range(8)


class Case:
    """values, window_len, max_pvalue, min_magnitude."""

    def __init__(self, seed):
        r = Random(seed)
        size = r.below(10)
        n = 3 + r.below(60 if size < 6 else 300 if size < 9 else 998)
        width = r.below(3)
        self.window_len = 50 if width == 0 else 2 + r.below(99 if width == 1 else 11)
        self.max_pvalue = MAX_PVALUES[r.below(7)]
        self.min_magnitude = MIN_MAGNITUDES[r.below(4)]
        self.values = list(values(r, n))


def values(r, n):
    kind = r.below(8)
    level = 1.0 + r.below(1000)
    spread = SPREADS[r.below(4)]
    for _ in range(n):
        if kind in (STEPS, CONSTANT, DECIMALS, TIES) and r.below(20) == 0:
            level = level * (0.7 + 0.6 * r.unit())
        if kind == DRIFT:
            level = level * (1.0 + 0.01 * r.unit())
        if kind == VARIANCE and r.below(25) == 0:
            spread = spread * (0.25 + 2.0 * r.unit())
        value = level * (1.0 + spread * r.noise())
        if kind == OUTLIERS and r.below(20) == 0:
            value = value * (1.0 + 2.0 * r.unit())
        if kind == CONSTANT:
            value = level
        if kind == ZERO:
            value = value - level
        if kind == DECIMALS:
            value = math.floor(value * 100.0 + 0.5) / 100.0
        if kind == TIES:
            value = math.floor(value / 20.0 + 0.5)
        yield value


def otava_cases(path):
    """Otava's own test series, each with several settings: (name, Case)."""
    with open(path, encoding="ascii") as file:
        lines = [line for line in file if not line.startswith("#")]
    series = [(line.split()[0], [float(v) for v in line.split()[1:]]) for line in lines]
    for name, numbers in series:
        for window_len in (2, 5, 10, 30, 50, 100):
            for max_pvalue in (0.2, 0.05, 0.001, 0.00001):
                for min_magnitude in (0.0, 0.05):
                    case = Case.__new__(Case)
                    case.values = numbers
                    case.window_len, case.max_pvalue, case.min_magnitude = window_len, max_pvalue, min_magnitude
                    yield name, case
