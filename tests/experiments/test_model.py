"""A network has the weights of its scheme, as many as its formula says, in one flat tensor that its optimizer steps."""

import math

import pytest

pytest.importorskip("torch", reason="needs the extra `train`")
import torch  # noqa: E402

from hpanalysis.experiments.model import Network, optimizer_for  # noqa: E402
from tests.experiments.test_training import GOOD  # noqa: E402

pytestmark = pytest.mark.train


def network(**changed):
    return Network(GOOD | changed, (1, 8), 10, torch.Generator().manual_seed(0), "cpu")


@pytest.mark.parametrize(
    ("name", "deviation"),
    [("normal", 0.05), ("glorot_normal", math.sqrt(2 / (9 * 24))), ("glorot_uniform", math.sqrt(2 / (9 * 24)))],
)
def test_initial_weights_have_the_deviation_of_their_scheme(name, deviation):
    weights = network(initialization=name).weights[3].detach()  # second convolution: 8 to 16 filters of 3x3
    assert weights.shape == (16, 8, 3, 3)
    assert abs(weights.std().item() / deviation - 1) < 0.08 and abs(weights.mean().item()) < deviation / 5


def test_the_constant_scheme_makes_all_weights_equal():
    weights = network(initialization="constant").weights
    assert weights[0].unique().tolist() == [pytest.approx(0.1)]


def test_a_filter_is_cut_to_what_can_meet_a_pixel_and_computes_the_same():
    net = network(filter_size=7, depth_conv=4)
    assert [w.shape[-1] for w in net.weights if w.dim() == 4] == [7, 7, 3, 3]  # sides 8, 4, 2, 2
    x, full = torch.randn(5, 16, 2, 2), torch.randn(8, 16, 7, 7)
    cut = torch.nn.functional.conv2d(x, full[:, :, 2:5, 2:5], padding=1)
    assert torch.allclose(torch.nn.functional.conv2d(x, full, padding=3), cut, atol=1e-4)


def test_the_number_of_parameters_is_that_of_the_formula():
    # conv 1->8->16->32 of 3x3, each with scale and shift; 32 * 2 * 2 inputs -> 64 -> 10 with biases
    expected = 9 * (8 + 8 * 16 + 16 * 32) + 2 * (8 + 16 + 32) + 128 * 64 + 64 + 64 * 10 + 10
    assert network().parameters == expected


@pytest.mark.parametrize("name", ["adam", "rmsprop", "momentum"])
def test_an_optimizer_makes_the_step_of_its_formula(name):
    flat = torch.tensor([1.0, -2.0])
    flat.grad = torch.tensor([0.5, -4.0])
    optimizer_for(name, flat, 0.01).step()
    # first steps: Adam moves by the rate, RMSProp by the rate / sqrt(1 - .99), momentum by rate x gradient
    move = {"adam": [0.01, -0.01], "rmsprop": [0.1, -0.1], "momentum": [0.005, -0.04]}[name]
    assert torch.allclose(flat, torch.tensor([1.0, -2.0]) - torch.tensor(move), atol=1e-6)


def test_gradients_flow_into_the_flat_tensor_that_the_optimizer_steps():
    net = network()
    images = torch.randn((64, 1, 8, 8), generator=torch.Generator().manual_seed(1))
    loss = torch.nn.functional.cross_entropy(net(images), torch.arange(64) % 10)
    loss.backward()
    assert all(w.grad.abs().sum() > 0 for w in net.weights[:3])
    before = net.weights[0].detach().clone()
    optimizer_for("momentum", net.flat, 0.1).step()
    assert torch.allclose(net.weights[0], before - 0.1 * net.weights[0].grad)
