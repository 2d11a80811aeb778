#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes gguf_types.gguf and gguf_expected.npz beside this script; needs the packages gguf and numpy. Quantised
blocks are random bytes with small scales; what they stand for is computed by gguf's own dequantize()."""
import pathlib

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

folder = pathlib.Path(__file__).parent
random = np.random.default_rng(1)
writer = gguf.GGUFWriter(folder / "gguf_types.gguf", "llama")
writer.add_name("sample")
writer.add_uint32("answer", 42)
writer.add_int32("below", -7)
writer.add_float32("half", 0.5)
writer.add_bool("yes", True)
writer.add_array("tokens", [f"token {i}" for i in range(20)])
writer.add_array("scores", [1.5, 2.5])
expected = {}
# The places of float16 scales in a block.
scales = {Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2], Type.Q8_0: [0], Type.Q2_K: [80, 82],
          Type.Q3_K: [108], Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208]}
for kind, places in scales.items():
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = random.integers(0, 256, (2, 1, size), dtype=np.uint8)
    for place in places:
        blocks[..., place : place + 2] = random.normal(0, 0.1, (2, 1, 1)).astype("<f2").view(np.uint8)
    data = blocks.reshape(2, size)
    writer.add_tensor(kind.name, data, raw_dtype=kind)
    expected[kind.name] = gguf.dequantize(data, kind).astype("<f4")
count = np.arange(6).reshape(2, 3)
for name, dtype in {"F32": "<f4", "F16": "<f2", "F64": "<f8", "I8": "i1", "I16": "<i2", "I32": "<i4", "I64": "<i8"}.items():
    writer.add_tensor(name, count.astype(dtype))
    expected[name] = count.astype(dtype)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
np.savez_compressed(folder / "gguf_expected.npz", **expected)
