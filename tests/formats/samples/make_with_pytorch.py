#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes pytorch_old.pt and the folder dcp beside this script with PyTorch itself (2.5 or later)."""
import collections
import os
import pathlib
import tempfile

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
import torch.multiprocessing as mp
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import Shard, distribute_tensor

folder = pathlib.Path(__file__).parent


def old():
    matrix = torch.arange(24.0).reshape(4, 6)
    model = collections.OrderedDict(
        kernel=matrix,
        turned=matrix.t(),
        row=matrix[1],
        half=torch.arange(6.0).reshape(2, 3).half(),
        flags=torch.tensor([True, False]),
        cplx=torch.ones(2, dtype=torch.complex64),
    )
    optimizer = {"state": {0: {"step": torch.tensor(7)}}, "lr": 0.5}
    torch.save(
        {"model": model, "optimizer": optimizer, "epoch": 3},
        folder / "pytorch_old.pt",
        _use_new_zipfile_serialization=False,
    )


def distributed(rank, world, meeting):
    dist.init_process_group("gloo", init_method="file://" + meeting, rank=rank, world_size=world)
    mesh = init_device_mesh("cpu", (world,))
    rows = torch.arange(7 * 4, dtype=torch.float32).reshape(7, 4)
    columns = torch.arange(6 * 10, dtype=torch.float64).reshape(6, 10)
    state = {
        "rows": distribute_tensor(rows, mesh, [Shard(0)]),
        "columns": distribute_tensor(columns, mesh, [Shard(1)]),
        "same": torch.ones(3),
        "epoch": 4,
    }
    dcp.save(state, checkpoint_id=folder / "dcp")
    dist.destroy_process_group()


if __name__ == "__main__":
    old()
    mp.spawn(distributed, args=(2, os.path.join(tempfile.mkdtemp(), "meeting")), nprocs=2)
