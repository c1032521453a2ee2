"""How many configurations an hour? The trainer, alone and in groups, and the obvious PyTorch loop: same configurations,
same process.

The obvious loop is what a tutorial teaches: a Dataset that augments one image at a time, a DataLoader, an nn.Module and
an optimizer over its parameters. Both have one thread, and CPU seconds are counted, so that neighbours matter little.
Run it with `pytest -m benchmark -s tests/benchmarks`.
"""

import math
import time
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs the extra `train`")
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from hpanalysis.experiments import training  # noqa: E402
from hpanalysis.experiments.batched_training import train_many  # noqa: E402
from hpanalysis.experiments.cnn import CNN  # noqa: E402
from hpanalysis.experiments.cnn_problem import cnn_problem  # noqa: E402
from hpanalysis.experiments.images import load  # noqa: E402
from hpanalysis.search.batching import units_of  # noqa: E402
from hpanalysis.search.plan import Plan  # noqa: E402

pytestmark = pytest.mark.benchmark
IMAGES = Path(__file__).resolve().parents[3] / "shared" / "images"
EPOCHS, CONFIGURATIONS = 5, 8
TOGETHER, EPOCHS_TOGETHER = 16, 3
ACTIVATIONS = {"relu": nn.ReLU, "elu": nn.ELU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


class OneByOne(torch.utils.data.Dataset):
    """Images that are augmented one at a time, when they are asked for."""

    def __init__(self, x: torch.Tensor, y: torch.Tensor, augmented: bool):
        self.x, self.y, self.augmented = x, y, augmented

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.x[index]
        if self.augmented:
            u = torch.rand(5) * 2 - 1
            angle = u[0] * training.ROTATION
            cos, sin = torch.cos(angle), torch.sin(angle)
            rows = [
                torch.stack([cos, -sin, 2 * training.SHIFT * u[1]]),
                torch.stack([sin, cos, 2 * training.SHIFT * u[2]]),
            ]
            grid = functional.affine_grid(torch.stack(rows)[None], [1, *x.shape], align_corners=False)
            x = functional.grid_sample(x[None], grid, padding_mode="border", align_corners=False)[0]
            x = x * (1 + training.INTENSITY * u[3]) + training.INTENSITY * u[4]
        return x, self.y[index]


def obvious_network(c: dict, channels: int, side: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for layer in range(c["depth_conv"]):
        filters = c["width_conv"] * 2**layer
        layers += [nn.Conv2d(channels, filters, c["filter_size"], padding="same", bias=False), nn.BatchNorm2d(filters)]
        layers.append(ACTIVATIONS[c["activation"]]())
        if side > 2:
            layers.append(nn.MaxPool2d(2, ceil_mode=True))
            side = math.ceil(side / 2)
        channels = filters
    layers.append(nn.Flatten())
    inputs = channels * side * side
    for layer in range(c["depth_fc"] - 1):
        outputs = c["width_fc"] // 2**layer
        layers += [nn.Linear(inputs, outputs), ACTIVATIONS[c["activation"]]()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(inputs, 10))


def obvious_loop(c: dict, data: training.OnDevice, epochs: int = EPOCHS) -> float:
    """Validation accuracy after the same epochs."""
    network = obvious_network(c, data.x_train.shape[1], data.x_train.shape[2])
    rate = c["learning_rate"]
    optimizer = {
        "adam": lambda p: torch.optim.Adam(p, rate),
        "rmsprop": lambda p: torch.optim.RMSprop(p, rate),
        "momentum": lambda p: torch.optim.SGD(p, rate, momentum=0.95),
    }[c["optimizer"]](network.parameters())
    images = OneByOne(data.x_train, data.y_train, c["augmentation"] == "on")
    batches = torch.utils.data.DataLoader(images, c["batch_size"], shuffle=True)
    held_out = torch.utils.data.DataLoader(OneByOne(data.x_validation, data.y_validation, False), c["batch_size"])
    for _ in range(epochs):
        network.train()
        for x, y in batches:
            optimizer.zero_grad()
            loss = functional.cross_entropy(network(x), y)
            loss.backward()
            optimizer.step()
        network.eval()
        with torch.no_grad():
            right = sum((network(x).argmax(1) == y).sum().item() for x, y in held_out)
    return right / len(data.y_validation)


def cpu_seconds(work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@pytest.mark.parametrize("name", ["digits", "mnist", "cifar10"])
def test_the_trainer_is_faster_than_the_obvious_loop(name, record_property, capsys):
    if name != "digits" and not (IMAGES / f"{name}.npz").is_file():
        pytest.skip(f"no {name}.npz beside the project")
    training.prepare("cpu")
    data = training.to_device(load(name, IMAGES if name != "digits" else None), "cpu")
    plan = Plan(CNN, seed=1, singles=1, repeats=0)
    configurations = [plan.draw(run).values for run in range(CONFIGURATIONS)]
    # One after the other for each configuration, so that a busy minute slows both.
    pairs = [
        (
            cpu_seconds(lambda c=c: obvious_loop(c, data)),
            cpu_seconds(lambda c=c: training.train(c, 0, data, epochs=EPOCHS)),
        )
        for c in configurations
    ]
    obvious, ours = (sum(side) for side in zip(*pairs, strict=True))
    hourly = [round(3600 * CONFIGURATIONS / seconds) for seconds in (obvious, ours)]
    with capsys.disabled():
        line = f"{name:8} {EPOCHS} epochs: obvious loop {hourly[0]:6,} an hour, trainer {hourly[1]:6,}"
        print(f"\n{line}, {obvious / ours:.1f} times")
    record_property("configurations_an_hour", hourly)
    assert obvious / ours > 1.2


@pytest.mark.parametrize("name", ["digits", "mnist", "cifar10"])
def test_groups_are_faster_than_the_same_runs_one_by_one(name, record_property, capsys):
    if name != "digits" and not (IMAGES / f"{name}.npz").is_file():
        pytest.skip(f"no {name}.npz beside the project")
    training.prepare("cpu")
    images = str(IMAGES) if name != "digits" else None
    data = training.to_device(load(name, images), "cpu")
    problem = cnn_problem((name,), epochs=EPOCHS_TOGETHER, images=images, at_once=TOGETHER)
    plan, block = Plan(problem.space, 1), problem.batching.block
    groups = [[plan.draw(run) for run in unit] for unit in units_of(plan, problem.batching, block) if len(unit) > 1]
    training.train(groups[0][0].values, 0, data, epochs=1)
    total = {"obvious loop": 0.0, "alone": 0.0, "together": 0.0}
    lines, runs = [], 0
    for group in groups[:: len(groups) // 4][:4]:  # as the search would train them, of whatever shape
        configurations, seeds = [draw.values for draw in group], [draw.seed for draw in group]
        together = cpu_seconds(lambda c=configurations, s=seeds: train_many(c, s, data, epochs=EPOCHS_TOGETHER)) / len(
            group
        )
        # Every third member alone, and every sixth by the obvious loop, which takes longest.
        alone = [
            cpu_seconds(lambda c=c, s=s: training.train(c, s, data, epochs=EPOCHS_TOGETHER))
            for c, s in list(zip(configurations, seeds, strict=True))[::3]
        ]
        obvious = [cpu_seconds(lambda c=c: obvious_loop(c, data, EPOCHS_TOGETHER)) for c in configurations[::6]]
        mine = {"obvious loop": sum(obvious) / len(obvious), "alone": sum(alone) / len(alone), "together": together}
        total = {way: total[way] + len(group) * mine[way] for way in total}
        runs += len(group)
        shape = {name: configurations[0][name] for name in problem.batching.alike[1:]}
        lines.append(f"    {len(group)} of {shape}: together {mine['alone'] / together:.2f} times as fast as alone")
    hourly = {way: round(3600 * runs / seconds) for way, seconds in total.items()}
    with capsys.disabled():
        print(f"\n{name:8} {EPOCHS_TOGETHER} epochs, an hour: {hourly}", *lines, sep="\n")
    record_property("configurations_an_hour", hourly)
    # Where the rule makes groups they must not cost.
    assert total["alone"] > total["together"]
    assert total["obvious loop"] / total["together"] > 1.5


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_many_networks_learn_faster_together(record_property, capsys):
    training.prepare("cuda")
    data = training.to_device(load("digits"), "cuda")
    plan = Plan(CNN, seed=1, singles=1, repeats=0)
    alike = {"batch_size": 64, "filter_size": 3}
    configurations = [plan.draw(run).values | alike for run in range(64)]
    seeds = list(range(64))
    training.train(configurations[0], 0, data, epochs=1, device="cuda")
    train_many(configurations, seeds, data, epochs=1, device="cuda")
    together = sum(r["seconds"] for r in train_many(configurations, seeds, data, epochs=2, device="cuda"))
    alone = sum(training.train(c, 0, data, epochs=2, device="cuda")["seconds"] for c in configurations[:8]) * 8
    with capsys.disabled():
        print(f"\ndigits on a GPU, 64 networks: together {alone / together:.1f} times as fast as alone")
    record_property("ratio", alone / together)
    assert alone / together > 2
