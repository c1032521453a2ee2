"""Do the numbers agree with R? Each was printed by R 4.2.2 (sandwich 3.0.2) with the call in the comment above it.

The data are formulas, so that both languages make the same: in R
``off <- 0.6 + 0.1*sin(1:40); on <- 0.62 + 0.12*cos(1.7*(1:35))^3``.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import f

from hpanalysis.design.design import Design
from hpanalysis.questions.by_level.ask import by_level
from hpanalysis.statistics.association import cramers_v
from hpanalysis.statistics.best_of_k import best_of_k
from hpanalysis.statistics.differences import compare
from hpanalysis.statistics.multiplicity import false_discovery, holm
from hpanalysis.statistics.score_tests import Regression, act_together
from tests.statistics.test_differences import estimates, sweep_of

OFF = 0.6 + 0.1 * np.sin(np.arange(1, 41))
ON = 0.62 + 0.12 * np.cos(1.7 * np.arange(1, 36)) ** 3


def test_a_difference_of_means_has_welchs_error():
    claims, c = estimates(sweep_of(OFF, ON))["mean"]
    # t <- t.test(on, off); t$stderr; t$parameter; t$estimate[1] - t$estimate[2]
    assert claims.spread[0, c] == pytest.approx(0.0160950206516813)
    assert claims.df[0, c] == pytest.approx(72.723591463333)
    assert claims.estimate[0, c] == pytest.approx(0.0117859959961898)


def test_p_better_is_wilcoxons_and_its_error_brunner_and_munzels():
    claims, c = estimates(sweep_of(OFF, ON))["p_better"]
    # wilcox.test(on, off)$statistic / (35 * 40)
    assert claims.estimate[0, c] == pytest.approx(0.538571428571429)
    # r <- rank(c(on, off)); x <- r[1:35] - rank(on); y <- r[36:75] - rank(off)
    # v <- c(var(x)/40^2/35, var(y)/35^2/40); sqrt(sum(v)); sum(v)^2/(v[1]^2/34 + v[2]^2/39)
    assert claims.spread[0, c] == pytest.approx(0.0684135041321115)
    assert claims.df[0, c] == pytest.approx(72.8314084229463)


def test_a_difference_of_failures_has_the_chi_squared_of_the_table():
    off, on = [np.nan] * 4 + [1.0] * 51, [np.nan] * 9 + [1.0] * 31
    claims, c = estimates(sweep_of(off, on))["p_fail"]
    # prop.test(c(9, 4), c(40, 55), correct=FALSE)$statistic; Miettinen and Nurminen take (n - 1) / n of it.
    assert claims.z[0, c] ** 2 == pytest.approx(4.54604084939451 * 94 / 95)


def test_the_failures_of_a_level_have_wilsons_interval():
    table = by_level(sweep_of([np.nan] * 5 + [1.0] * 25, [1.0] * 20), ["x"]).frame
    row = table[(table["scale"] == "p_fail") & (table["value"] == "off")].iloc[0]
    # prop.test(5, 30, correct=FALSE)$conf.int
    assert (row["low"], row["high"]) == pytest.approx((0.0733654237184855, 0.33564350506416))


def test_p_values_are_adjusted_as_by_p_adjust():
    p = np.array([0.012, 0.001, 0.2, 0.03, 0.04, 0.5])
    # p.adjust(p, "holm")
    assert holm(p) == pytest.approx([0.06, 0.006, 0.4, 0.12, 0.12, 0.5])
    # p.adjust(p, "BH")
    assert false_discovery(p) == pytest.approx([0.036, 0.006, 0.24, 0.06, 0.06, 0.5])


def test_repeats_of_a_configuration_have_a_clustered_error():
    unit, arm, i = np.repeat(np.arange(1, 41), 3), np.repeat([0, 1], 60), np.arange(1, 121)
    z = np.sin(unit * 1.3) + 0.3 * np.cos(5 * i) + 0.2 * arm
    outcomes = Design(sweep_of(z[:60], z[60:])).outcomes()
    claims = compare(replace(outcomes, cluster=unit), arm, [(1, 0)], ("mean successful",))
    # unit <- rep(1:40, each=3); arm <- rep(0:1, each=60); z <- sin(unit*1.3) + 0.3*cos(5*(1:120)) + 0.2*arm
    # sqrt(vcovCL(lm(z ~ arm), cluster=unit, type="HC0", cadjust=FALSE)[2,2]); here twenty units an arm lose one each
    variance = claims.covariances[0][0, 0]
    assert np.sqrt(variance) == pytest.approx(0.227978471885025 * np.sqrt(20 / 19))


def test_the_interaction_test_is_the_larger_of_an_anova_type_test_and_the_f_test():
    i = np.arange(1, 97)
    b, x, q = i % 2, (i // 2) % 2, (i // 4) % 3
    y = np.sin(2.1 * i) + 0.5 * x + 0.3 * q + 0.8 * x * (q == 2) + (b == 1) * 0.4 * np.cos(i)
    frame = pd.DataFrame({"b": b, "y": y})
    y = frame.groupby("b")["y"].transform(lambda v: (v - v.mean()) / v.std(ddof=0)).to_numpy()
    parts = {"x": x[:, None].astype(float), "q": np.column_stack([q == 1, q == 2]).astype(float)}
    regression = Regression(b, parts, {}, {}, y, np.zeros(96), y)
    statistic, df, p = act_together(regression, ("x", "q"))
    # The slopes of the products and their covariance (HC2), of a regression on everything.
    one = np.column_stack([x, q == 1, q == 2])
    base = np.column_stack([np.ones(96), b, one, one * b[:, None]])
    products = np.column_stack([x * (q == 1), x * (q == 2)])
    fit = sm.OLS(y, np.column_stack([base, products]).astype(float)).fit()
    v, slopes = fit.get_robustcov_results("HC2").cov_params()[-2:, -2:], fit.params[-2:]
    z = products - base @ np.linalg.lstsq(base, products, rcond=None)[0]
    weight = z.T @ z
    trace = np.trace(weight @ v)
    ratio = slopes @ weight @ slopes / trace
    each = ((z @ np.linalg.inv(z.T @ z)) * z).sum(axis=1) * fit.resid**2 / (1 - fit.get_influence().hat_matrix_diag)
    assert each.sum() == pytest.approx(trace)
    f1, f2 = trace**2 / np.trace(weight @ v @ weight @ v), 3 * trace**2 / (each @ each)
    # m0 <- lm(y ~ b*(x+q1+q2)); anova(m0, update(m0, . ~ . + x:q1 + x:q2))$`Pr(>F)`[2]
    classic = 2.08879468658153e-06
    assert (statistic, df) == (pytest.approx(ratio * 2), 2)
    assert p == pytest.approx(max(classic, f.sf(ratio, f1, f2)))


def test_cramers_v_is_that_of_the_chi_squared_test():
    table = np.array([[12, 7, 14], [5, 9, 3]])
    a, b = (np.repeat(index.ravel(), table.ravel()) for index in np.indices(table.shape))
    # k <- chisq.test(matrix(c(12,5,7,9,14,3), 2), correct=FALSE); sqrt(k$statistic/50); k$p.value
    assert cramers_v(a, b) == pytest.approx((0.338089947845576, 0.0574052038214496))


def test_the_best_of_five_is_a_weighted_sum_of_what_was_seen():
    # s <- sort(off); sum(choose(0:39, 4)/choose(40, 5)*s)
    assert best_of_k(OFF, 5)[0] == pytest.approx(0.683972378574728)
