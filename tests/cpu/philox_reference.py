# SPDX-License-Identifier: GPL-3.0-or-later
# Random numbers of TensorFlow's distributions by Python's own arithmetic, to compare others with. Each line of the
# input is a request: distribution, seed, seed2, first block, count, two parameters. Each line of the output holds
# its values: whole numbers as they are, numbers with fractions as the hexadecimal digits of their bits.
# Needs Python's standard library only.
import math
import struct
import sys

MASK = 0xFFFFFFFF


def block(seed, seed2, number):
    """The four words of Philox-4x32-10 at one counter: ten rounds of two multiplications and an exchange."""
    key = [seed & MASK, seed >> 32]
    counter = [number & MASK, (number >> 32) & MASK, seed2 & MASK, seed2 >> 32]
    for _ in range(10):
        left = 0xD2511F53 * counter[0]
        right = 0xCD9E8D57 * counter[2]
        counter = [(right >> 32) ^ counter[1] ^ key[0], right & MASK,
                   (left >> 32) ^ counter[3] ^ key[1], left & MASK]
        key = [(key[0] + 0x9E3779B9) & MASK, (key[1] + 0xBB67AE85) & MASK]
    return counter


def single(value):
    """Rounded to float32. One operation on float32 values in double and then this is rounded correctly."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


def unit32(word):
    return (word % (1 << 23)) / float(1 << 23)


def unit64(high, low):
    return (((high % (1 << 20)) << 32) + low) / float(1 << 52)


def normals32(words):
    values = []
    for first, second in ((words[0], words[1]), (words[2], words[3])):
        radius = single(math.sqrt(single(-2.0 * single(math.log(max(unit32(first), single(1e-7)))))))
        angle = single(2.0 * math.pi * unit32(second))
        values.append(single(single(math.sin(angle)) * radius))
        values.append(single(single(math.cos(angle)) * radius))
    return values


def normals64(words):
    radius = math.sqrt(-2.0 * math.log(max(unit64(words[0], words[1]), 1e-7)))
    angle = 2.0 * math.pi * unit64(words[2], words[3])
    return [math.sin(angle) * radius, math.cos(angle) * radius]


def uniform32(words, low, high):
    low, high = single(low), single(high)
    width = single(high - low)
    return [single(single(unit32(word) * width) + low) for word in words]


def uniform64(words, low, high):
    return [unit64(words[0], words[1]) * (high - low) + low, unit64(words[2], words[3]) * (high - low) + low]


def affine32(values, mean, deviation):
    return [single(single(value * single(deviation)) + single(mean)) for value in values]


def affine64(values, mean, deviation):
    return [value * deviation + mean for value in values]


def whole32(words, low, high):
    return [int(low) + word % (int(high) - int(low)) for word in words]


def whole64(words, low, high):
    return [int(low) + (words[i] + (words[i + 1] << 32)) % (int(high) - int(low)) for i in (0, 2)]


def consecutive(draw, seed, seed2, first, count):
    values = []
    while len(values) < count:
        values += draw(block(seed, seed2, first))
        first += 1
    return values[:count]


def truncated(draw, size, seed, seed2, first, count):
    """Groups of `size` values; each starts 64 blocks a value after the one before and takes what lies within 2."""
    values = []
    while len(values) < count:
        group = []
        at = first + len(values) * (256 // 4 if size == 4 else 128 // 2)
        while len(group) < size:
            group += [value for value in draw(block(seed, seed2, at)) if abs(value) < 2.0]
            at += 1
        values += group[:size]
    return values[:count]


def shuffled(seed, seed2, first, count):
    order = list(range(count))
    for i in range(count - 1):
        chosen = i + block(seed, seed2, first + i // 4)[i % 4] % (count - i)
        order[i], order[chosen] = order[chosen], order[i]
    return order


def answer(kind, seed, seed2, first, count, a, b):
    place = (seed, seed2, first, count)
    if kind == "uniform32":
        return consecutive(lambda words: uniform32(words, a, b), *place)
    if kind == "uniform64":
        return consecutive(lambda words: uniform64(words, a, b), *place)
    if kind == "normal32":
        return affine32(consecutive(normals32, *place), a, b)
    if kind == "normal64":
        return affine64(consecutive(normals64, *place), a, b)
    if kind == "truncated32":
        return affine32(truncated(normals32, 4, *place), a, b)
    if kind == "truncated64":
        return affine64(truncated(normals64, 2, *place), a, b)
    if kind == "whole32":
        return consecutive(lambda words: whole32(words, a, b), *place)
    if kind == "whole64":
        return consecutive(lambda words: whole64(words, a, b), *place)
    if kind == "shuffle":
        return shuffled(*place)
    raise ValueError(kind)


def written(kind, value):
    if kind in ("whole32", "whole64", "shuffle"):
        return str(value)
    return struct.pack(">f" if kind.endswith("32") else ">d", value).hex()


for line in sys.stdin:
    kind, seed, seed2, first, count, a, b = line.split()
    values = answer(kind, int(seed), int(seed2), int(first), int(count), float(a), float(b))
    print(" ".join(written(kind, value) for value in values))
