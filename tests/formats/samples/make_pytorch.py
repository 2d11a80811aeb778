#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes pytorch_*.pt beside this script as torch.save() does: Python's own pickle, persistent ids, a stored zip
archive. Needs no PyTorch: classes with PyTorch's names stand in for what it would put into the pickle."""
import collections
import io
import pathlib
import pickle
import struct
import sys
import types
import zipfile

folder = pathlib.Path(__file__).parent
torch = types.ModuleType("torch")
utils = types.ModuleType("torch._utils")
sys.modules.update({"torch": torch, "torch._utils": utils})


def named(module, name):
    made = type(name, (), {"__module__": module.__name__})
    setattr(module, name, made)
    return made


def function(module, name):
    def made(*_):
        raise AssertionError("called")

    made.__module__, made.__name__, made.__qualname__ = module.__name__, name, name
    setattr(module, name, made)
    return made


Float, Long, Half = named(torch, "FloatStorage"), named(torch, "LongStorage"), named(torch, "HalfStorage")
rebuild, parameter = function(utils, "_rebuild_tensor_v2"), function(utils, "_rebuild_parameter")


class Storage:
    def __init__(self, kind, key, code, values):
        self.id = ("storage", kind, key, "cpu", len(values))
        self.key, self.bytes = key, struct.pack(f"<{len(values)}{code}", *values)


class Tensor:
    def __init__(self, storage, offset, size, stride):
        self.arguments = (storage, offset, size, stride, False, collections.OrderedDict())

    def __reduce__(self):
        return rebuild, self.arguments


class Parameter(Tensor):
    def __reduce__(self):
        return parameter, (Tensor(*self.arguments[:4]), True, collections.OrderedDict())


class Attack:
    def __reduce__(self):
        import os

        return os.system, ("touch /tmp/called",)


class Pickler(pickle.Pickler):
    def persistent_id(self, item):
        return item.id if isinstance(item, Storage) else None


def save(name, protocol, value, storages, method=zipfile.ZIP_STORED):
    stream = io.BytesIO()
    Pickler(stream, protocol).dump(value)
    with zipfile.ZipFile(folder / name, "w", method) as archive:
        archive.writestr("archive/data.pkl", stream.getvalue())
        archive.writestr("archive/byteorder", "little")
        for storage in storages:
            archive.writestr("archive/data/" + storage.key, storage.bytes)
        archive.writestr("archive/version", "3\n")


matrix = Storage(Float, "0", "f", range(24))
steps = Storage(Long, "1", "q", [7])
half = Storage(Half, "2", "e", range(6))
model = collections.OrderedDict()
model["kernel"] = Parameter(matrix, 0, (4, 6), (6, 1))
model["turned"] = Tensor(matrix, 0, (6, 4), (1, 6))
model["row"] = Tensor(matrix, 6, (6,), (1,))
model["half"] = Tensor(half, 0, (2, 3), (3, 1))
model["again"] = model["half"]
state = {"model": model, "optimizer": {"state": {0: {"step": Tensor(steps, 0, (), ())}}, "groups": [{"lr": 0.5}]},
         "epoch": 3, "note": "hello"}
for protocol in (2, 4):
    save(f"pytorch_{protocol}.pt", protocol, state, [matrix, steps, half])
save("pytorch_deflated.pt", 2, state, [matrix, steps, half], zipfile.ZIP_DEFLATED)
save("pytorch_attack.pt", 2, {"model": model, "bad": Attack()}, [matrix, half])
