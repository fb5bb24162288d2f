"""What Apache Otava says of a series, and whether rounding decided it."""

import warnings

import numpy
from otava.analysis import compute_change_points
from otava.change_point_divisive.base import CandidateChangePoint
from otava.change_point_divisive.calculator import PairDistanceCalculator

# Two best q that differ by less, relatively, are one but for rounding.
NEAR = 1e-12
# Below these, p-values are what rounding left over.
LEAST_VARIANCE = LEAST_PVALUE = 1e-12

warnings.filterwarnings("ignore", category=RuntimeWarning)
near = False


def candidate(self, interval):
    """PairDistanceCalculator.get_candidate_change_point, which remembers whether the two best are near."""
    global near
    start, end = interval.start or 0, len(self.series) if interval.stop is None else interval.stop
    q = self._get_Q_vals(start, end)
    i, j = numpy.unravel_index(numpy.argmax(q), q.shape)
    if q.size > 1:
        second, best = numpy.partition(q[numpy.triu_indices_from(q)], -2)[-2:]
        near = near or best - second < NEAR * abs(best)
    return CandidateChangePoint(index=i + 1 + start, qhat=q[i][j])


original = PairDistanceCalculator.get_candidate_change_point


def change_points(case):
    """([(index, p or None where it is not compared)], whether rounding may have decided)."""
    global near
    near = False
    PairDistanceCalculator.get_candidate_change_point = candidate
    found, _ = compute_change_points(list(case.values), case.window_len, case.max_pvalue, case.min_magnitude)
    PairDistanceCalculator.get_candidate_change_point = original
    points = []
    for change in found:
        p, variance = float(change.stats.pvalue), change.stats.std_1**2 + change.stats.std_2**2
        points.append((int(change.index), p if p > LEAST_PVALUE and variance > LEAST_VARIANCE else None))
    return points, near
