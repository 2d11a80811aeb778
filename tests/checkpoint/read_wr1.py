# SPDX-License-Identifier: GPL-3.0-or-later
# Reads a WR1 file as engine/checkpoint/FORMAT.md describes it, with Python's standard library and the program
# zstd, and prints a line for each tensor: name|type|shape|CRC-32 of its values.
import json, os, re, struct, subprocess, sys, zlib

BLOCK = 1 << 18
SIZES = dict(BOOL=1, U8=1, I8=1, F16=2, BF16=2, I16=2, U16=2, F32=4, I32=4, U32=4, F64=8, I64=8, U64=8)

def unpack(path):
    with open(path, "rb") as file:
        content = subprocess.run(["zstd", "-dcq"], stdin=file, stdout=subprocess.PIPE, check=True).stdout
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    return header.pop("__metadata__", {}), header, content[end:]

def join_planes(data, size):
    out = bytearray(len(data))
    for at in range(0, len(data), BLOCK * size):
        count = min(BLOCK, (len(data) - at) // size)
        for plane in range(size):
            out[at + plane:at + count * size:size] = data[at + plane * count:at + (plane + 1) * count]
    return bytes(out)

def add_base(distances, base, dtype):
    bits = SIZES[dtype] * 8
    sign, form = 1 << (bits - 1), "<%d%s" % (len(base) * 8 // bits, {16: "H", 32: "I", 64: "Q"}[bits])
    order = (lambda x: x ^ (sign - 1) if x & sign else x) if "F" in dtype else (lambda x: x)
    pairs = zip(struct.unpack(form, distances), struct.unpack(form, base))
    return struct.pack(form, *(order(order(b) + (u >> 1 ^ -(u & 1)) & 2 * sign - 1) for u, b in pairs))

def find_base(path, metadata):
    folder, hint = os.path.dirname(path) or ".", os.path.basename(metadata["wr.base_hint"])
    for file in [os.path.join(folder, name) for name in [hint] + os.listdir(folder)]:
        if file.endswith(".wrck") and os.path.isfile(file) and not lists(file) and unpack(file)[0].get("wr.uuid") == metadata["wr.base_uuid"]:
            return read(file)
    sys.exit("the base is missing: " + hint)

def lists(path):
    with open(path, "rb") as file:
        return file.read(1) == b"{"

def read_set(path):
    if not lists(path):
        return read(path)
    with open(path, "rb") as file:
        parts = dict.fromkeys(json.load(file)["weight_map"].values())
    return {name: it for part in parts for name, it in read(os.path.join(os.path.dirname(path), part)).items()}

def read(path):
    metadata, header, data = unpack(path)
    base = find_base(path, metadata) if "wr.base_uuid" in metadata else {}
    renamed, tensors = json.loads(metadata.get("wr.rename", "{}")), {}
    for name, tensor in header.items():
        values, kind, dtype, shape = data[slice(*tensor["data_offsets"])], "", tensor["dtype"], tensor["shape"]
        if metadata.get("format") == "wr1":
            if "::wr1:" in name:
                name, _, rest = name.rpartition("::wr1:")
                kind, dtype, dims = rest.split(":")
                shape = [int(dim) for dim in dims.split("x") if dim != "-"]
            name = re.sub("::wr1(e*)e(?=:)", r"::wr1\1", name)
        values = join_planes(values, SIZES[dtype]) if kind in ("bp", "rbp", "isub") else values
        if kind == "rbp":
            values = b"".join(struct.pack("<H", w >> 1 | (w & 1) << 15) for (w,) in struct.iter_unpack("<H", values))
        of_base = base[renamed.get(name, name)][2] if kind in ("isub", "same") else b""
        values = of_base if kind == "same" else add_base(values, of_base, dtype) if kind == "isub" else values
        tensors[name] = (dtype, shape, values)
    return tensors

sys.stdout.reconfigure(encoding="utf-8")
for name, (dtype, shape, values) in read_set(sys.argv[1]).items():
    print("|".join([name, dtype, "x".join(map(str, shape)), "%08x" % zlib.crc32(values)]))
