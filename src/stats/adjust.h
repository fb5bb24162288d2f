/*
 * adjust.h - owns what several tests at once make of their p-values.
 */
#ifndef WFM_STATS_ADJUST_H
#define WFM_STATS_ADJUST_H

/**
 * Adjust p-values so that those at most q keep the share of false discoveries at most q: the
 * step-up procedure of Benjamini and Hochberg, "Controlling the false discovery rate" (J. R.
 * Statist. Soc. B 57, 1995).
 * @param p n values in [0, 1]
 * @param adjusted n values: the smallest q at which each is a discovery
 * @param order room for n pointers
 */
void stats_adjust(const double *p, int n, double *adjusted, const double **order);

#endif
