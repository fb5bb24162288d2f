/*
 * beta.h - owns the regularised incomplete beta function.
 */
#ifndef WFM_STATS_BETA_H
#define WFM_STATS_BETA_H

/**
 * I_x(a, b), the regularised incomplete beta function, by its continued fraction (DLMF 8.17.22) as
 * Lentz's method with Thompson's and Barnett's modification evaluates it (J. Comput. Phys. 64,
 * 1986). Its relative error is below 1e-10 as long as the result is a normal double, the larger
 * one of a and b at most 10^6 and the smaller one at most 100; a result that is too small is 0.
 * @param x in [0, 1]
 * @param y 1 - x, as exactly as the caller knows it: near x = 1 all depends on it
 */
double stats_beta(double a, double b, double x, double y);

#endif
