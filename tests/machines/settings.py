"""As which processors can this one compute? By the environment of a process, read when its libraries are loaded.

The kernels of OpenBLAS stand for processors that have them; a processor runs its own and those of older ones. The
vector code of numpy and of the C library is held back as on a processor without AVX2, FMA and AVX-512.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

# What the kernel of a processor needs this one to have, by numpy's names.
KERNELS = {
    "Haswell": {"AVX2", "FMA3"},
    "SkylakeX": {"AVX512F", "AVX512BW", "AVX512DQ", "AVX512VL"},
    "Zen": {"AVX2", "FMA3"},
    "Nehalem": {"SSE42"},
    "Prescott": {"SSE3"},
}
# glibc's names of today, and those until 2.32; it passes over names that it does not know.
HIDDEN = "AVX512F AVX512CD AVX512BW AVX512DQ AVX512VL AVX2 FMA FMA4 AVX512F_Usable AVX2_Usable FMA_Usable FMA4_Usable"
OURS = ("OPENBLAS_", "OMP_", "MKL_", "NPY_", "NVPL_", "GLIBC_TUNABLES", "ARROW_USER_SIMD_LEVEL")


@dataclass(frozen=True)
class Setting:
    """A processor to compute as.

    Parameters
    ----------
    kernel
        Whose kernels OpenBLAS takes.
    threads
        Of OpenBLAS and OpenMP.
    plain
        Whether the vector code of numpy, the C library and Arrow is held back.
    shaken
        Seed of coarse rounding, see `tests.machines.shaken`; 0 for none.
    """

    kernel: str
    threads: int
    plain: bool = False
    shaken: int = 0

    def __str__(self) -> str:
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        more = ", no vector code" * self.plain + f", rounding coarsely ({self.shaken})" * (self.shaken > 0)
        return f"{self.kernel or 'its own kernel'}, {threads}{more}"

    def environment(self) -> dict[str, str]:
        """The environment of a process that computes as this one."""
        out = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        out["PYTHONHASHSEED"] = str(self.threads)
        if self.kernel:
            out["OPENBLAS_CORETYPE"] = self.kernel
        out |= {f"{library}_NUM_THREADS": str(self.threads) for library in ("OPENBLAS", "OMP", "MKL")}
        # Idle threads sleep at once, where many processes share the cores.
        out["OPENBLAS_THREAD_TIMEOUT"] = "4"
        if self.plain:
            out["NPY_DISABLE_CPU_FEATURES"] = " ".join(dispatched())
            out["GLIBC_TUNABLES"] = "glibc.cpu.hwcaps=" + ",".join(f"-{name}" for name in HIDDEN.split())
            out["ARROW_USER_SIMD_LEVEL"] = "NONE"
        return out


def dispatched() -> list[str]:
    """Groups of instructions for which numpy has code of its own, and which this processor has."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]


def kernels() -> list[str]:
    """The kernels that this processor can run; none on one that is no x86."""
    from numpy._core._multiarray_umath import __cpu_features__

    return [name for name, needs in KERNELS.items() if all(__cpu_features__.get(need) for need in needs)]


def settings() -> list[Setting]:
    """Every processor that this one can compute as; the first is what the others are compared with."""
    known = kernels() or [""]
    out = [Setting(kernel, threads) for kernel in known for threads in (1, 2)]
    if known != [""]:
        out += [Setting(kernel, threads, plain=True) for kernel, threads in zip(known, (1, 2, 1, 2, 1), strict=False)]
    return out + [Setting(known[0], 1, shaken=seed) for seed in (1, 2, 3)]


def pair() -> list[Setting]:
    """The two that differ most: a common kernel and the newest that this processor can run, without vector code.

    On a processor of another kind: as it is, and rounding coarsely.
    """
    known = kernels()
    if not known:
        return [Setting("", 1), Setting("", 2, shaken=1)]
    return [Setting(known[0], 1), Setting("SkylakeX" if "SkylakeX" in known else known[-1], 2, plain=True)]
