#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what Weightroom wrote with the real libraries, as far as they are installed.

Usage: read_real_files.py FOLDER STEM     prints "FILE<tab>TENSOR<tab>DTYPE<tab>SHAPE<tab>SHA256" lines for
FOLDER/STEM.safetensors, .pt, .npz, STEM-tensorflow.index and the folder STEM
"""
import hashlib
import os
import sys
import urllib.parse

import numpy as np

FOLDER, STEM = sys.argv[1:]
BASE = os.path.join(FOLDER, STEM)


def tell(file, name, dtype, shape, data):
    digest = hashlib.sha256(data).hexdigest()
    print(file, name, dtype, ",".join(map(str, shape)) or "-", digest, sep="\t")


def tell_array(file, name, array):
    tell(file, name, array.dtype.name, array.shape, np.ascontiguousarray(array).tobytes())


def tell_torch(file, name, tensor):
    import torch

    dtype = str(tensor.dtype).removeprefix("torch.")
    tensor = tensor.contiguous()
    data = tensor.reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""
    tell(file, name, dtype, tuple(tensor.shape), data)


def numpy_files():
    with np.load(BASE + ".npz") as archive:
        for name in archive.files:
            tell_array(".npz", name, archive[name])
    for file in os.listdir(BASE):
        if file.endswith(".npy"):
            tell_array("/", urllib.parse.unquote(file[:-4]), np.load(os.path.join(BASE, file), mmap_mode="r"))


def torch_files():
    import torch

    for arguments in ({}, {"mmap": True}):
        state = torch.load(BASE + ".pt", weights_only=True, **arguments)
        for name, tensor in state.items():
            tell_torch(".pt", name, tensor)


def safetensors_files():
    import safetensors
    import torch  # noqa: F401: bfloat16 is not in NumPy

    with safetensors.safe_open(BASE + ".safetensors", "pt") as file:
        for name in file.keys():
            tell_torch(".safetensors", name, file.get_tensor(name))


def tensorflow_files():
    import tensorflow as tf

    reader = tf.train.load_checkpoint(BASE + "-tensorflow")
    for name, shape in reader.get_variable_to_shape_map().items():
        value = np.asarray(reader.get_tensor(name))
        tell(".index", name, value.dtype.name, value.shape, np.ascontiguousarray(value).tobytes())


def main():
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    for read in (numpy_files, torch_files, safetensors_files, tensorflow_files):
        try:
            read()
        except ImportError as error:
            print(f"# {read.__name__}: {error}")


if __name__ == "__main__":
    main()
