"""Draws of dependent estimates: their covariance, and that rounding does not move them."""

import numpy as np
import pytest

from hpanalysis.statistics import joint_draws


def singular(claims: int, rank: int) -> np.ndarray:
    """A covariance of less than full rank with eigenvalues that repeat, so that it has no eigenbasis of its own."""
    basis = np.linalg.qr(np.random.default_rng(4).normal(size=(claims, claims)))[0]
    return basis * np.repeat([1.0, 0.0], [rank, claims - rank]) @ basis.T


@pytest.mark.parametrize(
    "covariance",
    [np.eye(12), np.ones((12, 12)), singular(12, 5), np.cos(np.subtract.outer(np.arange(33), np.arange(33)) / 20)],
    ids=["any basis is an eigenbasis", "rank one", "repeated eigenvalues", "a smooth curve"],
)
def test_a_root_gives_its_matrix_back_and_hardly_moves_with_the_last_digits(covariance):
    root = joint_draws.root(covariance)
    assert root @ root.T == pytest.approx(covariance, abs=1e-9)
    noise = np.random.default_rng(5).uniform(-1, 1, covariance.shape) * 2**-52
    assert np.abs(joint_draws.root(covariance + noise + noise.T) - root).max() < 1e-10


def test_a_root_fades_in_what_is_hardly_more_than_rounding_without_a_step():
    def far(small: float) -> float:
        direction = np.array([1.0, -1.0]) / np.sqrt(2)
        return float(
            np.abs(direction @ joint_draws.root(np.ones((2, 2)) + small * np.outer(direction, direction))).sum()
        )

    sizes = np.geomspace(1e-11, 1e-8, 4000)
    found = np.array([far(x) for x in sizes])
    assert found[0] < 1e-12 and found[-1] == pytest.approx(np.sqrt(2 * 1e-8), rel=1e-3)
    assert np.abs(np.diff(found)).max() < 1e-6


def test_draws_have_the_covariance_that_was_asked_for_in_any_units():
    covariance = np.diag([1.0, 1e-8, 100.0]) @ (0.3 + 0.7 * np.eye(3)) @ np.diag([1.0, 1e-8, 100.0])
    drawn = joint_draws.joint_t(covariance[[0, 2]][:, [0, 2]], np.inf, 200_000, 0)
    assert np.cov(drawn.T) == pytest.approx(covariance[[0, 2]][:, [0, 2]], rel=0.02)
    root = joint_draws.root(covariance)
    assert root @ root.T == pytest.approx(covariance, rel=1e-9, abs=0)


def test_a_claim_that_is_nothing_but_rounding_does_not_move_the_draws_of_the_others():
    covariance = np.array([[1.0, 0.4], [0.4, 1.0]])
    noisy = np.zeros((3, 3))
    noisy[np.ix_([0, 2], [0, 2])] = covariance
    alone = joint_draws.joint_t(covariance, 30.0, 500, 1)
    scale, without = np.ones((2, 2)), np.array([[1.0, np.nan, 1.0]] * 2)
    largest = joint_draws.max_abs_normal([covariance], np.ones((1, 2)), scale, 500, 1)
    for rounding in ([1e-17, 1e-33, -1e-17], [-1e-17, 4e-33, 2e-17]):
        noisy[1] = noisy[:, 1] = rounding
        drawn = joint_draws.joint_t(noisy, 30.0, 500, 1)
        assert (drawn[:, [0, 2]] == alone).all() and (drawn[:, 1] == 0).all()
        found = joint_draws.max_abs_normal([noisy], np.array([[1.0, 1e-3, 1.0]]), without, 500, 1)
        assert (found == largest).all()
