#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the samples numpy_*.np[yz] beside this script; needs NumPy."""
import pathlib

import numpy as np

folder = pathlib.Path(__file__).parent
count = np.arange(24)
arrays = {
    "kernel": count.reshape(4, 6).astype("<f4"),
    "scope/bias": count[:6].astype("<f8"),
    "step": np.array(1234567890123, "<i8"),
    "half": count[:5].astype("<f2"),
    "swapped": count.reshape(2, 12).astype(">i2"),
    "columns": np.asfortranarray(count.reshape(2, 3, 4).astype("<i4")),
    "flags": np.array([True, False, True]),
    "empty": np.zeros((0, 3), "<u4"),
    "words": np.array(["a", "bc"]),
    "complex": np.array([1j]),
}
np.savez(folder / "numpy_stored.npz", **arrays)
np.savez_compressed(folder / "numpy_packed.npz", **arrays)
np.save(folder / "numpy_columns.npy", np.asfortranarray(count.reshape(4, 6).astype(">f4")))
