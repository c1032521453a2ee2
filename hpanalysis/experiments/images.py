"""Which images does a network learn from? One loader for digits, .npz files and OpenML, cut to fixed subsets."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hpanalysis.errors import UserError, choices

KEYS = ("x_train", "y_train", "x_test", "y_test")


@dataclass(frozen=True)
class Recipe:
    """How a data set is cut down: side in pixels after area averaging, and images per part."""

    side: int
    train: int
    validation: int
    test: int
    openml: str = ""

    def describe(self) -> str:
        """In words, for the data dictionary."""
        parts = f"{self.train} training, {self.validation} validation, {self.test} test images"
        return f"{self.side}x{self.side} pixels, {parts}"


RECIPES = {
    "digits": Recipe(8, 1000, 397, 400),
    "mnist": Recipe(14, 1500, 500, 2000, "mnist_784"),
    "fashion-mnist": Recipe(14, 1500, 500, 2000, "Fashion-MNIST"),
    "notmnist": Recipe(14, 1500, 500, 2000),
    "cifar10": Recipe(16, 2000, 500, 2000, "CIFAR_10"),
    "svhn": Recipe(16, 2000, 500, 2000, "SVHN"),
    "stl10": Recipe(16, 2000, 500, 2000, "STL-10"),
}
OWN = Recipe(16, 2000, 500, 2000)


@dataclass(frozen=True)
class Images:
    """Images of one data set, standardised, in three parts that share no image.

    Parameters
    ----------
    x_train, x_validation, x_test
        float32 of shape (images, channels, side, side), with mean 0 and deviation 1 per channel over the training part.
    y_train, y_validation, y_test
        int64 of shape (images,), classes 0, 1, ...
    classes
        Number of classes.
    fingerprint
        First 16 hex digits of the SHA-256 of the pixels and classes, so that a sweep knows its data again.
    note
        What they are, in words.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    classes: int
    fingerprint: str
    note: str


def load(name: str, folder: str | Path | None = None) -> Images:
    """The training, validation and test part of one data set; the same subset every time.

    A file ``NAME.npz`` in `folder` comes first, then scikit-learn's digits, then OpenML (downloaded once, cached in
    scikit-learn's data folder).

    Raises
    ------
    UserError
        If the name is unknown, the file is missing or unusable, or there are too few images.
    """
    path = Path(folder) / f"{name}.npz" if folder else None
    if folder and not Path(folder).is_dir():
        raise UserError(f"--images {str(folder)!r} is not a folder; give the folder that holds {name}.npz.")
    if path and path.is_file():
        (x, y), (x_test, y_test) = _from_npz(path)
        origin = f"{path.name}"
    elif name == "digits":
        (x, y), (x_test, y_test) = _from_sklearn()
        origin = "scikit-learn's load_digits"
    elif name in RECIPES and RECIPES[name].openml:
        (x, y), (x_test, y_test) = _from_openml(name)
        origin = f"OpenML's {RECIPES[name].openml}"
    else:
        raise UserError(_unknown(name, folder))
    return _cut(name, origin, (x, y), (x_test, y_test))


def known(folder: str | Path | None = None) -> list[str]:
    """Names that can be asked for: the built-in ones, and every .npz in `folder`."""
    own = sorted(p.stem for p in Path(folder).glob("*.npz")) if folder and Path(folder).is_dir() else []
    return list(dict.fromkeys([*RECIPES, *own]))


def _unknown(name: str, folder: str | Path | None) -> str:
    if name in RECIPES:
        return f"the data set {name!r} needs a file {name}.npz ({', '.join(KEYS)}); name its folder with --images DIR."
    more = f"or put {name}.npz in the folder of --images"
    return f"there is no data set {name!r}; choose from {choices(known(folder))}, {more}."


def _from_npz(path: Path):
    try:
        with np.load(path, allow_pickle=False) as file:
            absent = [key for key in KEYS if key not in file]
            if absent:
                raise UserError(f"{path.name} has no array {choices(absent)}; it must hold {choices(KEYS)}.")
            arrays = {key: file[key] for key in KEYS}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{path.name} cannot be read as images ({error}); make it again with numpy.savez.") from error
    for part in ("train", "test"):
        x, y = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if x.dtype != np.uint8 or x.ndim not in (3, 4) or x.shape[-1] < 1 or len(x) != len(y.ravel()):
            raise UserError(
                f"{path.name} has x_{part} of shape {x.shape} and type {x.dtype} with {y.size} classes in y_{part}; "
                "it needs uint8 images of shape (images, height, width[, channels]) and one class each."
            )
    return (arrays["x_train"], arrays["y_train"].ravel()), (arrays["x_test"], arrays["y_test"].ravel())


def _from_sklearn():
    from sklearn.datasets import load_digits

    digits = load_digits()
    return _split(np.rint(digits.images * (255 / 16)).astype(np.uint8), digits.target, RECIPES["digits"].test)


def _from_openml(name: str):
    from sklearn.datasets import fetch_openml

    try:
        data = fetch_openml(RECIPES[name].openml, version=1, as_frame=False)
    except Exception as error:  # what it raises depends on the network
        reason = " ".join(str(error).split())[:120]
        raise UserError(
            f"{name} could not be fetched from OpenML ({reason}); "
            f"connect to the network, or name a folder with {name}.npz by --images."
        ) from error
    x = unflatten(np.asarray(data.data).astype(np.uint8))
    return _split(x, np.asarray(data.target), RECIPES[name].test)


def unflatten(flat: np.ndarray) -> np.ndarray:
    """Square images from rows of pixels (n, values): (n, side, side) in grey or (n, side, side, 3) in colour.

    Data sets differ in whether colour comes first or last; in the right order neighbouring pixels are more alike.
    """
    n, values = flat.shape
    side = round(values**0.5)
    if side * side == values:
        return flat.reshape(n, side, side)
    side = round((values / 3) ** 0.5)
    first = flat.reshape(n, 3, side, side).transpose(0, 2, 3, 1)
    last = flat.reshape(n, side, side, 3)
    return min(first, last, key=lambda x: np.abs(np.diff(x[:200].astype(float), axis=2)).mean())


def _split(x: np.ndarray, y: np.ndarray, test: int):
    order = np.random.default_rng(20_200).permutation(len(x))
    return (x[order[test:]], y[order[test:]]), (x[order[:test]], y[order[:test]])


def _cut(name: str, origin: str, train, test) -> Images:
    recipe = RECIPES.get(name, OWN)
    if len(train[0]) < recipe.train + recipe.validation or len(test[0]) < min(recipe.test, 100):
        raise UserError(
            f"{name} has {len(train[0])} training and {len(test[0])} test images; "
            f"it needs {recipe.train + recipe.validation} and at least {min(recipe.test, 100)}."
        )
    labels, codes = np.unique(np.concatenate([train[1], test[1]]), return_inverse=True)
    y, y_test = codes[: len(train[1])], codes[len(train[1]) :]
    rng = np.random.default_rng(20_201)
    kept = rng.permutation(len(y))[: recipe.train + recipe.validation]
    kept_test = rng.permutation(len(y_test))[: recipe.test]
    x, x_test = shrink(train[0][kept], recipe.side), shrink(test[0][kept_test], recipe.side)
    y, y_test = y[kept].astype(np.int64), y_test[kept_test].astype(np.int64)
    content = b"".join(np.ascontiguousarray(part).tobytes() for part in (x, y, x_test, y_test))
    mean = x[: recipe.train].mean(axis=(0, 2, 3), keepdims=True)
    deviation = x[: recipe.train].std(axis=(0, 2, 3), keepdims=True) + 1e-6
    x, x_test = ((part - mean) / deviation for part in (x, x_test))
    t = recipe.train
    return Images(
        *(x[:t], y[:t], x[t:], y[t:], x_test, y_test),
        classes=len(labels),
        fingerprint=hashlib.sha256(content).hexdigest()[:16],
        note=f"{origin}: {recipe.describe()}, {x.shape[1]} channel{'s' * (x.shape[1] > 1)}, {len(labels)} classes",
    )


def shrink(images: np.ndarray, side: int) -> np.ndarray:
    """Images of uint8 (n, height, width[, channels]) as float32 (n, channels, side, side) in [0, 1].

    A pixel is the average over its area. An image already smaller than `side` keeps its size.
    """
    x = images[..., None] if images.ndim == 3 else images
    side = min(side, *x.shape[1:3])
    rows, columns = _overlap(x.shape[1], side), _overlap(x.shape[2], side)
    x = np.einsum("ih,nhwc,jw->ncij", rows, x.astype(np.float32) / 255, columns, optimize=True)
    return np.ascontiguousarray(x, dtype=np.float32)


def _overlap(old: int, new: int) -> np.ndarray:
    # Share of each old pixel in each new one, shape (new, old); rows add up to 1.
    edges = np.arange(new + 1) * (old / new)
    start, end = edges[:-1, None], edges[1:, None]
    pixel = np.arange(old)
    overlap = np.minimum(end, pixel + 1) - np.maximum(start, pixel)
    return (np.clip(overlap, 0, None) * (new / old)).astype(np.float32)
