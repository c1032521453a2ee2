"""The same fixed subset every time, area averages, and one clear sentence for images that cannot be used."""

import numpy as np
import pytest

from hpanalysis.errors import UserError
from hpanalysis.experiments.images import SUBSETS, known, load, shrink, unflatten


def save(folder, name="own", **changed):
    rng = np.random.default_rng(0)
    arrays = {
        "x_train": rng.integers(0, 256, (2600, 20, 20), dtype=np.uint8),
        "y_train": rng.integers(0, 3, 2600),
        "x_test": rng.integers(0, 256, (300, 20, 20), dtype=np.uint8),
        "y_test": rng.integers(0, 3, 300),
    } | changed
    np.savez(folder / f"{name}.npz", **{key: value for key, value in arrays.items() if value is not None})


def test_digits_come_in_three_parts_without_a_file():
    data, subset = load("digits"), SUBSETS["digits"]
    assert data.x_train.shape == (subset.train, 1, 8, 8)
    assert (len(data.y_validation), len(data.y_test)) == (subset.validation, subset.test)
    assert subset.train + subset.validation + subset.test == 1797
    assert (data.classes, data.x_train.dtype, data.y_train.dtype) == (10, np.float32, np.int64)


def test_the_digits_of_the_shipped_sweep_are_known_again():
    assert load("digits").fingerprint == "b913094f5794f746"


def test_the_parts_share_no_image(tmp_path):
    save(tmp_path)
    data = load("own", tmp_path)
    parts = [{image.tobytes() for image in part} for part in (data.x_train, data.x_validation, data.x_test)]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 2000 + 500 + 300


def test_channels_have_mean_0_and_deviation_1_over_the_training_part(tmp_path):
    rng = np.random.default_rng(1)
    save(
        tmp_path,
        x_train=rng.integers(0, 256, (2600, 32, 32, 3), dtype=np.uint8),
        x_test=rng.integers(0, 256, (300, 32, 32, 3), dtype=np.uint8),
    )
    x = load("own", tmp_path).x_train
    assert x.shape == (2000, 3, 16, 16)
    assert np.allclose(x.mean(axis=(0, 2, 3)), 0, atol=1e-4) and np.allclose(x.std(axis=(0, 2, 3)), 1, atol=1e-3)


def test_shrinking_averages_over_the_area_of_a_pixel():
    image = np.array([[0, 255, 0, 0], [0, 255, 0, 0], [0, 0, 0, 255], [0, 0, 255, 255]], dtype=np.uint8)[None]
    assert np.allclose(shrink(image, 2)[0, 0], [[0.5, 0], [0, 0.75]])
    # 3 to 2: the middle pixel counts half on either side
    row = np.array([[255, 0, 0]] * 3, dtype=np.uint8)[None]
    assert np.allclose(shrink(row, 2)[0, 0], [[2 / 3, 0], [2 / 3, 0]], atol=1e-6)
    assert shrink(image, 9).shape == (1, 1, 4, 4)


def test_an_unknown_data_set_names_the_choices(tmp_path):
    save(tmp_path)
    with pytest.raises(UserError, match="no data set 'dogs'; choose from digits, mnist.*own"):
        load("dogs", tmp_path)
    assert known(tmp_path)[-1] == "own"


def test_a_data_set_that_needs_a_file_says_so():
    with pytest.raises(UserError, match="'notmnist' needs a file notmnist.npz .*--images"):
        load("notmnist")


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UserError, match="nowhere' is not a folder"):
        load("digits", tmp_path / "nowhere")


def test_a_file_that_is_no_npz_is_named(tmp_path):
    (tmp_path / "own.npz").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(UserError, match="own.npz cannot be read as images"):
        load("own", tmp_path)


def test_a_truncated_file_is_named(tmp_path):
    save(tmp_path)
    whole = (tmp_path / "own.npz").read_bytes()
    (tmp_path / "own.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="own.npz cannot be read as images"):
        load("own", tmp_path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x_test": None}, "own.npz has no array x_test; it must hold x_train, y_train, x_test, y_test"),
        ({"x_train": np.zeros((2600, 20, 20))}, "x_train of shape .2600, 20, 20. and type float64"),
        ({"y_train": np.zeros(7)}, "7 classes in y_train"),
        (
            {"x_train": np.zeros((60, 9, 9), np.uint8), "y_train": np.zeros(60)},
            "own has 60 training and 300 test images; it needs 2500",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_named(tmp_path, changed, message):
    save(tmp_path, **changed)
    with pytest.raises(UserError, match=message):
        load("own", tmp_path)


def test_openml_without_a_network_is_one_sentence(monkeypatch):
    import sklearn.datasets

    def refuse(*_, **__):
        raise OSError("no route\nto host")

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", refuse)
    with pytest.raises(UserError, match="svhn could not be fetched from OpenML .no route to host.; connect"):
        load("svhn")


def test_the_order_of_colours_is_seen_from_the_pixels():
    rng = np.random.default_rng(0)
    smooth = np.kron(rng.integers(0, 256, (30, 4, 4, 3)), np.ones((1, 8, 8, 1))).astype(np.uint8)
    assert np.array_equal(unflatten(smooth.reshape(30, -1)), smooth)
    assert np.array_equal(unflatten(smooth.transpose(0, 3, 1, 2).reshape(30, -1)), smooth)
    assert np.array_equal(unflatten(smooth[..., 0].reshape(30, -1)), smooth[..., 0])


def test_openml_images_are_turned_the_right_way_round(monkeypatch):
    import sklearn.datasets

    rng = np.random.default_rng(0)
    flat = rng.integers(0, 256, (5000, 3, 16, 16), dtype=np.uint8).repeat(2, axis=2).repeat(2, axis=3)

    class Bunch:
        data, target = flat.reshape(5000, -1).astype(float), rng.integers(0, 10, 5000).astype(str)

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", lambda *_, **__: Bunch)
    data = load("cifar10")
    assert data.x_train.shape == (2000, 3, 16, 16) and data.classes == 10
    averages = flat.reshape(5000, 3, 16, 2, 16, 2).mean((3, 5)) / 255
    first = data.x_train[0] * averages.std((0, 2, 3))[:, None, None] + averages.mean((0, 2, 3))[:, None, None]
    assert np.abs(averages - first).max((1, 2, 3)).min() < 0.02, "the image is none of those that were given"
