"""Which images does a network learn from? One loader for digits, .npz files and OpenML, cut to fixed subsets."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hpanalysis.errors import UserError, choices

KEYS = ("x_train", "y_train", "x_test", "y_test")


@dataclass(frozen=True)
class Subset:
    """How a data set is cut down: side in pixels after area averaging, images per part, colours averaged or not.

    Examples
    --------
    >>> Subset(side=8, train=1000, validation=397, test=400).describe()
    '8x8 pixels, 1000 training, 397 validation, 400 test images'
    """

    side: int
    train: int
    validation: int
    test: int
    openml: str = ""
    grey: bool = False

    def describe(self) -> str:
        """In words, for the data dictionary."""
        parts = f"{self.train} training, {self.validation} validation, {self.test} test images"
        return f"{self.side}x{self.side} pixels, {parts}"


SUBSETS = {
    "digits": Subset(8, 1000, 397, 400),
    "mnist": Subset(14, 1500, 500, 2000, "mnist_784"),
    "fashion-mnist": Subset(14, 1500, 500, 2000, "Fashion-MNIST"),
    "notmnist": Subset(14, 1500, 500, 2000),
    "cifar10": Subset(16, 2000, 500, 2000, "CIFAR_10"),
    "svhn": Subset(16, 2000, 500, 2000, "SVHN"),
    "stl10": Subset(16, 2000, 500, 2000, "STL-10"),
}
OWN = Subset(16, 2000, 500, 2000)


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


class Labelled(NamedTuple):
    """Images, shape (images, height, width[, channels]), and the class of each."""

    x: np.ndarray
    y: np.ndarray


def load(name: str, folder: str | Path | None = None, subset: Subset | None = None) -> Images:
    """The training, validation and test part of one data set; the same subset every time.

    What is cut out is `subset`, or what `SUBSETS` says; of the few digits always the latter.

    A file ``NAME.npz`` in `folder` comes first, then scikit-learn's digits, then OpenML (downloaded once, cached in
    scikit-learn's data folder).

    Raises
    ------
    UserError
        If the name is unknown, the file is missing or unusable, or there are too few images.

    Examples
    --------
    >>> digits = load("digits")
    >>> digits.x_train.shape, digits.classes
    ((1000, 1, 8, 8), 10)
    """
    path = Path(folder) / f"{name}.npz" if folder else None
    if folder and not Path(folder).is_dir():
        raise UserError(f"--images {str(folder)!r} is not a folder; give the folder that holds {name}.npz.")
    if path and path.is_file():
        train, test = _from_npz(path)
        origin = path.name
    elif name == "digits":
        train, test = _from_sklearn()
        origin = "scikit-learn's load_digits"
    elif name in SUBSETS and SUBSETS[name].openml:
        train, test = _from_openml(name)
        origin = f"OpenML's {SUBSETS[name].openml}"
    else:
        raise UserError(_unknown(name, folder))
    return _cut(name, origin, train, test, subset if subset and name != "digits" else SUBSETS.get(name, OWN))


def known(folder: str | Path | None = None) -> list[str]:
    """Names that can be asked for: the built-in ones, and every .npz in `folder`.

    Examples
    --------
    >>> known()[:2]
    ['digits', 'mnist']
    """
    own = sorted(p.stem for p in Path(folder).glob("*.npz")) if folder and Path(folder).is_dir() else []
    return list(dict.fromkeys([*SUBSETS, *own]))


def _unknown(name: str, folder: str | Path | None) -> str:
    if name in SUBSETS:
        return f"the data set {name!r} needs a file {name}.npz ({', '.join(KEYS)}); name its folder with --images DIR."
    more = f"or put {name}.npz in the folder of --images"
    return f"there is no data set {name!r}; choose from {choices(known(folder))}, {more}."


def _from_npz(path: Path) -> tuple[Labelled, Labelled]:
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
    train, test = (Labelled(arrays[f"x_{part}"], arrays[f"y_{part}"].ravel()) for part in ("train", "test"))
    for part, (x, y) in (("train", train), ("test", test)):
        if x.dtype != np.uint8 or x.ndim not in (3, 4) or x.shape[-1] < 1 or len(x) != len(y):
            raise UserError(
                f"{path.name} has x_{part} of shape {x.shape} and type {x.dtype} with {y.size} classes in y_{part}; "
                "it needs uint8 images of shape (images, height, width[, channels]) and one class each."
            )
    return train, test


def _from_sklearn() -> tuple[Labelled, Labelled]:
    from sklearn.datasets import load_digits

    digits = load_digits()
    return _split(np.rint(digits.images * (255 / 16)).astype(np.uint8), digits.target, SUBSETS["digits"].test)


def _from_openml(name: str) -> tuple[Labelled, Labelled]:
    from sklearn.datasets import fetch_openml

    try:
        data = fetch_openml(SUBSETS[name].openml, version=1, as_frame=False)
    except Exception as error:  # what it raises depends on the network
        reason = " ".join(str(error).split())[:120]
        raise UserError(
            f"{name} could not be fetched from OpenML ({reason}); "
            f"connect to the network, or name a folder with {name}.npz by --images."
        ) from error
    x = unflatten(np.asarray(data.data).astype(np.uint8))
    return _split(x, np.asarray(data.target), SUBSETS[name].test)


def unflatten(flat: np.ndarray) -> np.ndarray:
    """Square images from rows of pixels (n, values): (n, side, side) in grey or (n, side, side, 3) in colour.

    Data sets differ in whether colour comes first or last; in the right order neighbouring pixels are more alike.

    Examples
    --------
    >>> unflatten(np.zeros((5, 64))).shape, unflatten(np.zeros((5, 192))).shape
    ((5, 8, 8), (5, 8, 8, 3))
    """
    n, values = flat.shape
    side = round(values**0.5)
    if side * side == values:
        return flat.reshape(n, side, side)
    side = round((values / 3) ** 0.5)
    first = flat.reshape(n, 3, side, side).transpose(0, 2, 3, 1)
    last = flat.reshape(n, side, side, 3)
    return min(first, last, key=lambda x: np.abs(np.diff(x[:200].astype(float), axis=2)).mean())


def _split(x: np.ndarray, y: np.ndarray, test: int) -> tuple[Labelled, Labelled]:
    order = np.random.default_rng(20_200).permutation(len(x))
    return Labelled(x[order[test:]], y[order[test:]]), Labelled(x[order[:test]], y[order[:test]])


def _cut(name: str, origin: str, train: Labelled, test: Labelled, subset: Subset) -> Images:
    if len(train.x) < subset.train + subset.validation or len(test.x) < min(subset.test, 100):
        raise UserError(
            f"{name} has {len(train.x)} training and {len(test.x)} test images; "
            f"it needs {subset.train + subset.validation} and at least {min(subset.test, 100)}."
        )
    labels, codes = np.unique(np.concatenate([train.y, test.y]), return_inverse=True)
    y, y_test = codes[: len(train.y)], codes[len(train.y) :]
    rng = np.random.default_rng(20_201)
    kept = rng.permutation(len(y))[: subset.train + subset.validation]
    kept_test = rng.permutation(len(y_test))[: subset.test]
    x, x_test = shrink(train.x[kept], subset.side), shrink(test.x[kept_test], subset.side)
    y, y_test = y[kept].astype(np.int64), y_test[kept_test].astype(np.int64)
    if subset.grey:
        x, x_test = (part.mean(axis=1, keepdims=True) for part in (x, x_test))
    content = b"".join(np.ascontiguousarray(part).tobytes() for part in (x, y, x_test, y_test))
    mean = x[: subset.train].mean(axis=(0, 2, 3), keepdims=True)
    deviation = x[: subset.train].std(axis=(0, 2, 3), keepdims=True) + 1e-6
    x, x_test = ((part - mean) / deviation for part in (x, x_test))
    t = subset.train
    return Images(
        *(x[:t], y[:t], x[t:], y[t:], x_test, y_test),
        classes=len(labels),
        fingerprint=hashlib.sha256(content).hexdigest()[:16],
        note=f"{origin}: {subset.describe()}, {x.shape[1]} channel{'s' * (x.shape[1] > 1)}, {len(labels)} classes",
    )


def shrink(images: np.ndarray, side: int) -> np.ndarray:
    """Images of uint8 (n, height, width[, channels]) as float32 (n, channels, side, side) in [0, 1].

    A pixel is the average over its area. An image already smaller than `side` keeps its size.

    Examples
    --------
    >>> shrink(np.array([[[0, 255], [255, 255]]], dtype=np.uint8), 1)
    array([[[[0.75]]]], dtype=float32)
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
    share: np.ndarray = overlap.clip(0) * (new / old)
    return share.astype(np.float32)
