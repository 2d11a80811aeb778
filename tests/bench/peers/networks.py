# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks of bench_train, and how a peer's steps are timed. Used by the peers beside it.

A step gathers a batch from memory, computes loss and gradients, updates, and reads the loss, as ours does.
"""
import ctypes
import gc
import itertools
import subprocess
import sys
import time

NETWORKS = {
    "8-8-2, batch 4": ([8, 8, 2], 4),
    "784-200-10, batch 32": ([784, 200, 10], 32),
    "784-200-10, batch 128": ([784, 200, 10], 128),
    "784-1024-1024-10, batch 128": ([784, 1024, 1024, 10], 128),
    "LeNet, batch 64": ("LeNet", 64),
    "transformer, batch 16": ("transformer", 16),
}
EXAMPLES = 4096


def ends(sizes):
    """Inputs and classes of a network."""
    return {"LeNet": (784, 10), "transformer": (2048, 10)}[sizes] if isinstance(sizes, str) else (sizes[0], sizes[-1])


def steps_per_second(step, seconds=0.3, rounds=5):
    for _ in range(20):
        step()
    best = 0.0
    for _ in range(rounds):
        count, begin = 0, time.perf_counter()
        while time.perf_counter() - begin < seconds:
            step()
            count += 1
        best = max(best, count / (time.perf_counter() - begin))
    return best


def memory(key):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(key))


class PeakMemory:
    """MiB that the process grew by at most since this was made."""

    def __init__(self):
        gc.collect()
        ctypes.CDLL("libc.so.6").malloc_trim(0)
        with open("/proc/self/clear_refs", "w") as peak:
            peak.write("5")
        self.before = memory("VmRSS")

    def growth(self):
        return memory("VmHWM") - self.before


def table(peer, optimizers, variants, measure, arguments):
    """Prints "NETWORK, OPTIMIZER<tab>VARIANT<tab>STEPS_PER_SECOND<tab>MIB" lines.

    Each is measured in a process of its own: memory that another one left behind would not be counted again.
    """
    threads, *rest = arguments
    if rest[:1] == ["--one"]:
        name, optimizer, variant = rest[1:]
        speed, mebibytes = measure(name, optimizer, variant)
        print(f"{name}, {optimizer}\t{peer} {variant}\t{speed:.1f}\t{mebibytes:.1f}")
        return
    for name, optimizer, variant in itertools.product(rest[:1] or NETWORKS, rest[1:2] or optimizers, variants):
        command = [sys.executable, sys.argv[0], threads, "--one", name, optimizer, variant]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        missing = f"# {name}, {optimizer}: {peer} {variant}: {done.stderr.strip().splitlines()[-1:]}\n"
        print(done.stdout if done.returncode == 0 else missing, end="", flush=True)
