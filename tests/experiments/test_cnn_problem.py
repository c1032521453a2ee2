"""Networks learn together only where that is faster, and a group shares what its work depends on."""

import pytest

from hpanalysis.errors import UserError
from hpanalysis.experiments.cnn import CNN
from hpanalysis.experiments.cnn_problem import FEW_PIXELS, TrainCNN, batching, cnn_problem
from hpanalysis.search.batching import units_of
from hpanalysis.search.plan import Plan
from hpanalysis.sweeps.space import Hyperparameter, Space

SIDES = {"digits": 8, "cifar10": 16, "photos": 200}
SPACE = Space((Hyperparameter("dataset", "categorical", tuple(SIDES)), *CNN))


def trainer(device: str) -> TrainCNN:
    return TrainCNN(epochs=1, images=None, device=device)


def test_on_a_cpu_a_run_gains_by_company_where_a_batch_has_few_pixels():
    found = batching(trainer("cpu"), SPACE, 16, SIDES)
    for run in range(300):
        values = Plan(SPACE).draw(run).values
        assert found.gains(values) == (values["batch_size"] * SIDES[values["dataset"]] ** 2 <= FEW_PIXELS)
    assert found.block == 16 * 3 * 4 * 3 * 3 * 3


def test_members_of_a_group_share_what_their_work_depends_on():
    plan, found = Plan(SPACE), batching(trainer("cpu"), SPACE, 4, SIDES)
    groups = [unit for unit in units_of(plan, found, 200) if len(unit) > 1]
    assert groups
    for unit in groups:
        drawn = [plan.draw(run).values for run in unit]
        assert len({tuple(values[name] for name in found.alike) for values in drawn}) == 1
    assert found.alike == ("dataset", "batch_size", "filter_size", "width_conv", "width_fc")


def test_on_a_gpu_every_run_gains():
    found = batching(trainer("cuda"), SPACE, 64, SIDES)
    assert found.alike == ("dataset", "batch_size", "filter_size") and found.block == 64 * 3 * 4 * 3
    assert all(found.gains(Plan(SPACE).draw(run).values) for run in range(50))


def test_where_no_run_gains_the_option_is_refused():
    with pytest.raises(
        UserError, match="--together is 16, but on a CPU batches of more than 16384 pixels gain nothing"
    ):
        batching(trainer("cpu"), SPACE, 16, {"photos": 200})


@pytest.mark.train
def test_a_problem_knows_its_data_again_and_what_chance_gives():
    pytest.importorskip("torch", reason="needs the extra `train`")
    problem = cnn_problem(("digits",), epochs=3)
    assert problem.protocol == {"epochs": 3, "images": {"digits": "b913094f5794f746"}}
    assert problem.about["failed_value"] == 0.1 and problem.batching is None
    assert cnn_problem(("digits",), epochs=3, at_once=4).batching.block == 4 * 4 * 3 * 3 * 3
