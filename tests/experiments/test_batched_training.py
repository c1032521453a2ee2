"""Networks that learn together end where they would alone, to rounding, and none meets another."""

import math

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra `train`")
import torch  # noqa: E402

from hpanalysis.experiments import training  # noqa: E402
from hpanalysis.experiments.batched_model import BatchedModel  # noqa: E402
from hpanalysis.experiments.batched_training import all_at_once, one_by_one, train_many  # noqa: E402
from hpanalysis.experiments.cnn import CNN  # noqa: E402
from hpanalysis.experiments.images import load  # noqa: E402
from hpanalysis.experiments.model import Network, optimizer_for  # noqa: E402
from hpanalysis.experiments.parameter_table import Layer, Optimizers, ParameterTable  # noqa: E402
from tests.experiments.test_training import GOOD, without_time  # noqa: E402

pytestmark = pytest.mark.train
# In double precision what is left of rounding, amplified by 3 epochs of training, is far below this; an error of
# padding, masks, order or optimizers would show at once. In single precision (what runs have) the same few steps of
# calm configurations agree to 1 %, and of 397 images a handful falls on the other side.
EXACT, LOSS, ACCURACY = 1e-7, 0.01, 0.02


@pytest.fixture(scope="module")
def digits():
    training.prepare("cpu")
    data = training.to_device(load("digits"), "cpu")
    return training.OnDevice(data.x_train[:300], data.y_train[:300], *(getattr(data, n) for n in PARTS), data.classes)


PARTS = ("x_validation", "y_validation", "x_test", "y_test")


def mixed(number: int, **changed) -> list[dict]:
    """Configurations of every shape, with steps small enough that rounding is not amplified beyond sight."""
    rng = np.random.default_rng(3)
    drawn = [CNN.sample(rng) for _ in range(number)]
    glorot = ("glorot_uniform", "glorot_normal")
    calm = [{"learning_rate": 10 ** rng.uniform(-4, -3), "initialization": glorot[i % 2]} for i in range(number)]
    return [c | quiet | {"batch_size": 64} | changed for c, quiet in zip(drawn, calm, strict=True)]


def test_in_double_precision_every_shape_and_setting_gives_what_it_gives_alone(digits):
    configurations = mixed(14)
    for name in ("filter_size", "depth_conv", "width_conv", "depth_fc", "width_fc", "optimizer", "activation"):
        assert {c[name] for c in configurations} == set(CNN[name].levels), f"{name} is not mixed"
    assert {c["augmentation"] for c in configurations} == {"on", "off"}
    few = [getattr(digits, name)[:150] for name in ("x_train", "y_train", *PARTS)]
    wide = training.OnDevice(*(t.double() if t.is_floating_point() else t for t in few), digits.classes)
    try:
        torch.set_default_dtype(torch.float64)
        alone = [training.train(c, seed, wide, epochs=3) for seed, c in enumerate(configurations)]
        together = train_many(configurations, list(range(14)), wide, epochs=3)
    finally:
        torch.set_default_dtype(torch.float32)
    for configuration, one, other in zip(configurations, alone, together, strict=True):
        for name in ("train_loss", "val_loss"):
            assert other[name] == pytest.approx(one[name], rel=EXACT), configuration
        for name in ("status", "error", "updates", "parameters", "val_accuracy", "test_accuracy"):
            assert other[name] == one[name], configuration
        assert other["curve"]["val_accuracy"] == one["curve"]["val_accuracy"]
        assert other["curve"]["train_loss"] == pytest.approx(one["curve"]["train_loss"], rel=EXACT)


def test_in_single_precision_they_agree_within_the_stated_tolerance(digits):
    configurations = mixed(12, filter_size=3, width_conv=4, width_fc=64, optimizer="adam")
    together = train_many(configurations, list(range(12)), digits, epochs=3)
    for seed, (configuration, other) in enumerate(zip(configurations, together, strict=True)):
        one = training.train(configuration, seed, digits, epochs=3)
        assert other["curve"]["train_loss"] == pytest.approx(one["curve"]["train_loss"], rel=LOSS), configuration
        for name in ("val_accuracy", "test_accuracy"):
            assert other[name] == pytest.approx(one[name], abs=ACCURACY), configuration


def test_the_same_group_gives_the_same_numbers_bit_by_bit(digits):
    configurations = mixed(6)
    first = train_many(configurations, list(range(6)), digits, epochs=2)
    training.train(GOOD, 9, digits, epochs=1)
    torch.manual_seed(12)
    again = train_many(configurations, list(range(6)), digits, epochs=2)
    assert [without_time(r) for r in again] == [without_time(r) for r in first]
    other = train_many(configurations, list(range(1, 7)), digits, epochs=2)
    assert [without_time(r) for r in other] != [without_time(r) for r in first]


def test_one_that_diverges_disturbs_nobody_and_tells_what_it_tells_alone(digits):
    # Of the same shapes and order as the calm group, so that the others' numbers must be the same bit by bit. A bounded
    # activation would keep the numbers finite at any rate.
    configurations = [c | {"activation": "elu"} if i in (0, 3) else c for i, c in enumerate(mixed(6))]
    calm = train_many(configurations, list(range(6)), digits, epochs=3)
    wild = {"optimizer": "momentum", "initialization": "normal", "learning_rate": 1e12}
    for place in (0, 3):
        spoilt = [c | wild if i == place else c for i, c in enumerate(configurations)]
        results = train_many(spoilt, list(range(6)), digits, epochs=3)
        assert [without_time(r) for i, r in enumerate(results) if i != place] == [
            without_time(r) for i, r in enumerate(calm) if i != place
        ]
        alone = training.train(spoilt[place], place, digits, epochs=3)
        assert results[place]["status"] == alone["status"] == "diverged"
        assert results[place]["updates"] == alone["updates"]
        assert not {"val_accuracy", "test_accuracy", "val_loss", "train_loss"} & set(results[place])
        assert len(results[place]["curve"]["train_loss"]) == len(alone["curve"]["train_loss"])


def test_good_settings_learn_together(digits):
    configurations = [GOOD | {"optimizer": o, "depth_fc": d} for o in ("adam", "rmsprop") for d in (2, 3)]
    results = train_many(configurations, [0, 1, 2, 3], digits, epochs=15)
    assert all(result["val_accuracy"] > 0.85 for result in results)
    assert {result["updates"] for result in results} == {15 * math.ceil(300 / 32)}
    assert len({result["seconds"] for result in results}) == 1


def test_networks_with_other_batch_sizes_are_refused(digits):
    with pytest.raises(ValueError, match="one batch size"):
        train_many([GOOD, GOOD | {"batch_size": 64}], [0, 1], digits, epochs=1)


def test_a_batched_model_computes_what_its_networks_compute(digits):
    configurations = sorted(mixed(5), key=lambda c: (-c["depth_conv"], c["activation"]))
    networks = [Network(c, (1, 8), 10, torch.Generator().manual_seed(i), "cpu") for i, c in enumerate(configurations)]
    model = BatchedModel(networks, configurations, "cpu")
    x = torch.stack([digits.x_train[20 * i : 20 * i + 20] for i in range(5)], 1)
    logits = model(x.flatten(1, 2))
    for i, network in enumerate(networks):
        assert torch.allclose(logits[i], network(x[:, i]), atol=2e-5)


def test_what_fills_up_a_layer_stays_zero(digits):
    configurations = [GOOD | {"width_conv": w, "activation": "sigmoid", "width_fc": 16 * w} for w in (4, 8, 12)]
    networks = [Network(c, (1, 8), 10, torch.Generator().manual_seed(0), "cpu") for c in configurations]
    model = BatchedModel(networks, configurations, "cpu")
    optimizers = [Optimizers(table, [configurations[i] for i in owners]) for table, owners in model.tables]
    x = digits.x_train[:64].repeat(1, 3, 1, 1)
    for _ in range(3):
        before = [table.weights.clone() for table, _ in model.tables]
        model.backward(torch.nn.functional.cross_entropy(model(x).flatten(0, 1), digits.y_train[:64].repeat(3)))
        for optimizer in optimizers:
            optimizer.step()
        for (table, _), old in zip(model.tables, before, strict=True):
            assert (table.own == 0).any() and not table.weights[table.own == 0].any()
            assert (table.weights != old).any()


@pytest.mark.parametrize("name", ["adam", "rmsprop", "momentum"])
def test_the_steps_of_a_row_are_those_of_its_optimizer(name):
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(2, 40, generator=generator)
    configurations = [{"optimizer": name, "learning_rate": 0.01}, {"optimizer": "adam", "learning_rate": 0.5}]
    table = ParameterTable.of([Layer(0, list(start), (40,))], 2, "cpu")
    optimizers = Optimizers(table, configurations)
    flat = start[0].clone()
    optimizer = optimizer_for(name, flat, 0.01)
    for _ in range(30):
        gradient = torch.randn(2, 40, generator=generator)
        flat.grad = gradient[0].clone()
        optimizer.step()
        table.slots[0].copy_(gradient)
        optimizers.step()
        assert torch.allclose(table.layers[0][0], flat, atol=1e-6)


def test_a_narrow_filter_lies_in_the_middle_of_a_wide_one():
    small, large = torch.randn(2, 3, 3, 3), torch.randn(4, 3, 7, 7)
    table = ParameterTable.of([Layer(0, [small, large], (4, 3, 7, 7))], 2, "cpu")
    assert torch.equal(table.layers[0][0, :2, :, 2:5, 2:5], small)
    assert table.own.sum(1).tolist() == [2 * 27, 4 * 147]
    x = torch.randn(5, 3, 6, 6)
    wide = torch.nn.functional.conv2d(x, table.layers[0][0], padding=3)
    assert torch.allclose(wide[:, :2], torch.nn.functional.conv2d(x, small, padding=1), atol=1e-4)
    assert not wide[:, 2:].any()


def test_images_are_shuffled_and_augmented_alike_one_by_one_and_all_at_once(digits):
    x = digits.x_train
    generators = [torch.Generator().manual_seed(i) for i in range(4)]
    order = torch.stack([torch.randperm(len(x), generator=g) for g in generators], 1)
    for on in ((), (0, 2, 3), (0, 1, 2, 3)):
        turns = [training.changes(len(x), g) if i in on else None for i, g in enumerate(generators)]
        slow, fast = one_by_one(x, order, turns), all_at_once(x, order, turns)
        assert slow.shape == (len(x), 4, 1, 8, 8)
        assert torch.allclose(slow, fast, atol=1e-5)


def test_a_table_is_stepped_alike_in_one_piece_and_in_many(monkeypatch):
    start = torch.randn(3, 500, generator=torch.Generator().manual_seed(0))
    configurations = [{"optimizer": o, "learning_rate": 0.01} for o in ("adam", "rmsprop", "momentum")]
    tables = []
    for most in (64, 10_000):
        monkeypatch.setattr("hpanalysis.experiments.parameter_table.PIECE", most)
        table = ParameterTable.of([Layer(0, list(start), (500,)), Layer(1, list(start[1:, :40]), (40,))], 3, "cpu")
        optimizers = Optimizers(table, configurations)
        assert (len(optimizers.pieces) > 2) == (most == 64)
        for step in range(5):
            for slot in table.slots:
                slot.copy_(torch.randn(slot.shape, generator=torch.Generator().manual_seed(step)))
            optimizers.step()
        tables.append(table.weights)
    assert torch.equal(*tables) and not torch.equal(tables[0][:, :500], start)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_they_agree_with_the_cpu_within_the_stated_tolerance(digits):
    configurations = mixed(12, optimizer="adam")
    on_cpu = train_many(configurations, list(range(12)), digits, epochs=2)
    training.prepare("cuda")
    tensors = [getattr(digits, name).cuda() for name in ("x_train", "y_train", *PARTS)]
    on_gpu = train_many(configurations, list(range(12)), training.OnDevice(*tensors, 10), epochs=2, device="cuda")
    for one, other in zip(on_cpu, on_gpu, strict=True):
        assert other["curve"]["train_loss"] == pytest.approx(one["curve"]["train_loss"], rel=LOSS)
