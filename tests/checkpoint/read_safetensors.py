# SPDX-License-Identifier: GPL-3.0-or-later
# Reads a safetensors file with nothing but Python's standard library and prints one line a tensor:
# name|type|shape|CRC-32 of its bytes. Undoes the filters of the compact profile as FORMAT.md describes them.
import json
import struct
import sys
import zlib

BLOCK = 1 << 18
SIZES = {"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2}


def unfilter(data, size, rotated):
    out = bytearray(len(data))
    step = BLOCK * size
    for at in range(0, len(data), step):
        block = data[at:at + step]
        count = len(block) // size
        for plane in range(size):
            out[at + plane:at + len(block):size] = block[plane * count:(plane + 1) * count]
    if rotated:
        words = struct.unpack("<%dH" % (len(out) // 2), out)
        out = struct.pack("<%dH" % len(words), *(((w >> 1) | (w << 15)) & 0xFFFF for w in words))
    return bytes(out)


def main(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    compact = header.pop("__metadata__", {}).get("format") == "wr1"
    end = 0
    for name, tensor in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, stop = tensor["data_offsets"]
        assert begin == end, name
        end = stop
        values, dtype, shape = data[begin:stop], tensor["dtype"], tensor["shape"]
        if compact:
            original, mark, rest = name.rpartition("::wr1:")
            if mark:
                name = original
                kind, dtype, dims = rest.split(":")
                shape = [] if dims == "-" else [int(dim) for dim in dims.split("x")]
                values = unfilter(values, SIZES[dtype], kind == "rbp")
            name = name.replace("::wr1e:", "::wr1:")
        print("|".join([name, dtype, "x".join(map(str, shape)), "%08x" % zlib.crc32(values)]))
    assert end == len(data), (end, len(data))


sys.stdout.reconfigure(encoding="utf-8")
main(sys.argv[1])
