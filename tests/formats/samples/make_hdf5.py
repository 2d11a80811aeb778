#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes hdf5_*.h5 and hdf5_keras.keras beside this script; needs h5py."""
import pathlib
import zipfile

import h5py
import numpy as np

folder = pathlib.Path(__file__).parent
count = np.arange(24)
with h5py.File(folder / "hdf5_types.h5", "w") as file:
    file.attrs["keras_version"] = "3.0"
    file.attrs["backend"] = "tensorflow"
    file.attrs["count"] = 3
    group = file.create_group("layers/dense/vars")
    group["0"] = count.reshape(4, 6).astype("<f4")
    group["1"] = count[:6].astype(">f8")
    for name in ("<f2", "i1", "<i2", ">i4", "<i8", "u1", "<u2", "<u4", "<u8"):
        file["types/" + np.dtype(name).name] = count.astype(name)
    file["types/bool"] = np.array([True, False, True])
    brain = file.create_dataset("types/bfloat16", data=np.array([0x3F80, 0xC000], "<u2").view("V2"))
    brain.attrs["dtype"] = "bfloat16"
    file["types/scalar"] = np.float32(2.5)
    file["types/none"] = np.zeros((0, 3), "f4")
    big = np.arange(30 * 40 * 50).reshape(30, 40, 50).astype("<i4")
    file.create_dataset("packed", data=big, chunks=(7, 11, 13), compression="gzip", compression_opts=9, shuffle=True)
    file["words"] = "text"
    file["circle"] = file["/"]
    file["again"] = h5py.SoftLink("/layers/dense/vars/0")
with h5py.File(folder / "hdf5_hostile.h5", "w") as file:
    file["good"] = count[:3].astype("<f4")
    file.create_dataset("outside", shape=(16,), dtype="u1", external=[("/etc/hostname", 0, 16)])
    file["linked"] = h5py.ExternalLink("/etc/hostname", "/x")
    layout = h5py.VirtualLayout(shape=(3,), dtype="<f4")
    layout[:] = h5py.VirtualSource("/tmp/other.h5", "x", shape=(3,))
    file.create_virtual_dataset("virtual", layout)
    file.create_dataset("huge", shape=(1 << 40,), dtype="f4", chunks=(1 << 20,))
    file.create_dataset("lzf", data=count, chunks=(24,), compression="lzf")
with zipfile.ZipFile(folder / "hdf5_keras.keras", "w") as archive:
    archive.writestr("metadata.json", "{}")
    archive.writestr("config.json", "{}")
    with h5py.File(folder / "inner.h5", "w") as file:
        file["layers/dense/vars/0"] = count[:4].astype("<f4")
    archive.write(folder / "inner.h5", "model.weights.h5")
(folder / "inner.h5").unlink()
