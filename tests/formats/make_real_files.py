#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes checkpoints with the real libraries, as far as they are installed, and what is in them.

Usage: make_real_files.py FOLDER      prints "FILE<tab>TENSOR<tab>DTYPE<tab>SHAPE<tab>SHA256" lines
"""
import hashlib
import json
import os
import sys

import numpy as np

FOLDER = sys.argv[1]
RANDOM = np.random.default_rng(3)


def path(name):
    return os.path.join(FOLDER, name)


def tell(file, name, dtype, array):
    digest = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    print(file, name, dtype, ",".join(map(str, array.shape)) or "-", digest, sep="\t")


def numpy_files():
    arrays = {
        "w": RANDOM.standard_normal((7, 5)).astype("float32"),
        "turned": np.asfortranarray(RANDOM.standard_normal((4, 3))),
        "half": RANDOM.standard_normal(9).astype("float16"),
        "whole": np.arange(-4, 4, dtype="int64").reshape(2, 2, 2),
        "big": np.arange(5, dtype=">i4"),
        "flags": np.array([True, False, True]),
        "scalar": np.float32(2.5).reshape(()),
        "none": np.zeros((0, 3), "float32"),
    }
    np.savez(path("plain.npz"), **arrays)
    np.savez_compressed(path("packed.npz"), **arrays)
    for file in ("plain.npz", "packed.npz"):
        for name, array in arrays.items():
            native = array.astype(array.dtype.newbyteorder("="))
            tell(file, name, native.dtype.name, native)


def torch_files():
    import torch

    torch.manual_seed(2)
    base = torch.randn(6, 4)
    tensors = {
        "layer.weight": torch.randn(5, 3),
        "layer.turned": torch.arange(24.0).reshape(2, 3, 4).transpose(0, 2),
        "rows": base[1:4],
        "columns": base[:, 2],
        "same": base,
        "half": torch.randn(3, 3).half(),
        "brain": torch.randn(4).bfloat16(),
        "wide": torch.randn(2, 2, dtype=torch.float64),
        "count": torch.tensor(7),
        "bytes": torch.arange(5, dtype=torch.uint8),
        "flags": torch.tensor([True, False]),
        "none": torch.zeros(0, 2),
    }
    optimizer = torch.optim.Adam([torch.nn.Parameter(base)])
    torch.save(tensors, path("state.pt"))
    training = {"model": tensors, "optimizer": optimizer.state_dict(), "epoch": 3}
    torch.save(training, path("training.pt"))
    torch.save(training, path("before_1_6.pt"), _use_new_zipfile_serialization=False)
    import torch.distributed.checkpoint

    torch.distributed.checkpoint.save({"model": dict(tensors)}, checkpoint_id=path("distributed"))
    for file, prefix in (
        ("state.pt", ""),
        ("training.pt", "model."),
        ("before_1_6.pt", "model."),
        ("distributed", "model."),
    ):
        for name, tensor in tensors.items():
            dtype = str(tensor.dtype).removeprefix("torch.")
            plain = tensor.contiguous()
            array = plain.view(torch.int16).numpy() if dtype == "bfloat16" else plain.numpy()
            tell(file, prefix + name, dtype, array)


def safetensors_files():
    import torch
    from safetensors.torch import save_file

    parts = [{"a": torch.randn(3, 4), "b": torch.randn(5).bfloat16()}, {"c": torch.arange(6), "d": torch.tensor(True)}]
    names = [f"shards-0000{i + 1}-of-00002.safetensors" for i in range(2)]
    for part, name in zip(parts, names):
        save_file(part, path(name), metadata={"format": "pt"})
    weight_map = {key: name for part, name in zip(parts, names) for key in part}
    with open(path("shards.safetensors.index.json"), "w") as file:
        json.dump({"metadata": {"total_size": 1}, "weight_map": weight_map}, file, indent=2)
    for part in parts:
        for key, tensor in part.items():
            dtype = str(tensor.dtype).removeprefix("torch.")
            array = tensor.view(torch.int16).numpy() if dtype == "bfloat16" else tensor.numpy()
            tell("shards.safetensors.index.json", key, dtype, array)


def onnx_files():
    import onnx
    from onnx import helper, numpy_helper

    arrays = {
        "w": RANDOM.standard_normal((40, 30)).astype("float32"),
        "half": RANDOM.standard_normal(5).astype("float16"),
        "wide": RANDOM.standard_normal((2, 3)),
        "long": np.arange(-3, 3),
        "bytes": np.arange(6, dtype="uint8"),
        "flags": np.array([True, False, True]),
        "scalar": np.float32(2.5).reshape(()),
    }
    raw = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    kinds = {"w": 1, "half": 10, "wide": 11, "long": 7, "bytes": 2, "flags": 9, "scalar": 1}
    lists = [
        helper.make_tensor(name, kinds[name], array.shape, array.flatten().tolist()) for name, array in arrays.items()
    ]
    for file, tensors, outside in (("raw.onnx", raw, False), ("lists.onnx", lists, False), ("outside.onnx", raw, True)):
        graph = helper.make_graph([], "graph", [], [], initializer=tensors)
        model = helper.make_model(graph, producer_name="peers")
        arguments = {"save_as_external_data": True, "location": "outside.data", "size_threshold": 16} if outside else {}
        onnx.save_model(model, path(file), **arguments)
        for name, array in arrays.items():
            tell(file, name, array.dtype.name, array)


def gguf_files():
    import gguf

    writer = gguf.GGUFWriter(path("real.gguf"), "llama")
    writer.add_name("peers")
    weights = RANDOM.standard_normal((8, 64)).astype("float32")
    brain = gguf.quants.quantize(weights, gguf.GGMLQuantizationType.BF16)
    writer.add_tensor("plain", weights)
    writer.add_tensor("half", weights.astype("float16"))
    writer.add_tensor("brain", brain, raw_dtype=gguf.GGMLQuantizationType.BF16)
    tell("real.gguf", "plain", "float32", weights)
    tell("real.gguf", "half", "float16", weights.astype("float16"))
    tell("real.gguf", "brain", "bfloat16", brain.view("uint16").reshape(weights.shape))
    for kind in ("Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"):
        type_ = gguf.GGMLQuantizationType[kind]
        packed = gguf.quants.quantize(weights, type_)
        writer.add_tensor(kind, packed, raw_dtype=type_)
        tell("real.gguf", kind, "float32", gguf.quants.dequantize(packed, type_))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def keras_files():
    import h5py
    import tensorflow as tf

    keras = tf.keras
    model = keras.Sequential([keras.layers.Input((40,)), keras.layers.Dense(30), keras.layers.Dense(2)])
    model.compile(optimizer="adam", loss="mse")
    model.save_weights(path("keras.weights.h5"))
    model.save(path("keras.keras"))
    model.save(path("keras_old.h5"))
    for layer, name in zip(model.layers, ("dense", "dense_1")):
        for i, value in enumerate(layer.get_weights()):
            for file in ("keras.weights.h5", "keras.keras"):
                tell(file, f"layers/{name}/vars/{i}", value.dtype.name, value)

    def tell_old(name, item):
        if isinstance(item, h5py.Dataset):
            tell("keras_old.h5", name, item.dtype.name, item[()])

    with h5py.File(path("keras_old.h5")) as file:
        file.visititems(tell_old)
    with h5py.File(path("h5py.h5"), "w") as file:
        values = RANDOM.standard_normal((123, 45, 6))
        for name, arguments in {
            "contiguous": {},
            "chunked": {"chunks": (10, 20, 5)},
            "packed": {"chunks": True, "compression": "gzip", "shuffle": True, "fletcher32": True},
        }.items():
            file.create_dataset(name, data=values, **arguments)
            tell("h5py.h5", name, "float64", values)


def tensorflow_files():
    import tensorflow as tf

    tf1 = tf.compat.v1
    tf1.disable_eager_execution()
    values = {
        "layer/kernel": RANDOM.standard_normal((8, 6)).astype("float32"),
        "layer/bias": np.zeros(6, "float32"),
        "half": RANDOM.standard_normal(5).astype("float16"),
        "wide": RANDOM.standard_normal((2, 3)),
        "step": np.int64(41),
        "flags": np.array([True, False]),
    }
    with tf1.Graph().as_default(), tf1.Session() as session:
        variables = [tf1.get_variable(name, initializer=value) for name, value in values.items()]
        parts = tf1.get_variable(
            "parted", [10, 4], partitioner=tf1.fixed_size_partitioner(3), initializer=tf1.random_normal_initializer(seed=5)
        )
        session.run(tf1.global_variables_initializer())
        values["parted"] = session.run(tf.convert_to_tensor(parts))
        # A list of parts is saved as one variable.
        saver = tf1.train.Saver(variables + list(parts))
        saver.save(session, path("model"), write_meta_graph=False)
        tf1.train.Saver(variables + list(parts), write_version=tf1.train.SaverDef.V1).save(
            session, path("old.ckpt"), write_meta_graph=False
        )
    for file in ("model.index", "old.ckpt"):
        for name, value in values.items():
            if file == "old.ckpt" and name == "half":
                continue
            tell(file, name, np.asarray(value).dtype.name, np.asarray(value))


def main():
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    for write in (numpy_files, torch_files, safetensors_files, onnx_files, gguf_files, keras_files, tensorflow_files):
        try:
            write()
        except ImportError as error:
            print(f"# {write.__name__}: {error}")


if __name__ == "__main__":
    main()
