#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps a second of PyTorch on the networks of bench_train: the same shapes, batches and threads.

Usage: pytorch_steps.py THREADS [NAME [OPTIMIZER]]     prints a line for each, see networks.table()
"""
import sys

import torch

from networks import EXAMPLES, NETWORKS, PeakMemory, ends, steps_per_second, table

OPTIMIZERS = {
    "gradient descent": lambda parameters: torch.optim.SGD(parameters, 0.05),
    "Adam": lambda parameters: torch.optim.Adam(parameters, 0.001, fused=True),
}


def lenet():
    nn = torch.nn
    return nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 10),
    )


class Layer(torch.nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        nn = torch.nn
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width, bias=False)
        self.heads = heads

    def forward(self, stream):
        batch, tokens, width = stream.shape
        split = lambda part: part.view(batch, tokens, self.heads, -1).transpose(1, 2)
        q, k, v = map(split, self.qkv(self.norm1(stream)).chunk(3, dim=-1))
        mixed = torch.nn.functional.scaled_dot_product_attention(q, k, v)
        stream = stream + self.out(mixed.transpose(1, 2).reshape(batch, tokens, width))
        hidden = torch.nn.functional.gelu(self.up(self.norm2(stream)), approximate="tanh")
        return stream + self.down(hidden)


class Transformer(torch.nn.Module):
    def __init__(self, tokens=128, width=128, heads=4, layers=4):
        super().__init__()
        self.tokens = tokens
        self.embedding = torch.nn.Linear(16, width, bias=False)
        self.places = torch.nn.Parameter(torch.randn(tokens, width) * 0.1)
        self.layers = torch.nn.Sequential(*[Layer(width, heads) for _ in range(layers)])
        self.out = torch.nn.Linear(width, 10, bias=False)

    def forward(self, x):
        stream = self.embedding(x.view(-1, self.tokens, 16)) + self.places
        return self.out(self.layers(stream).mean(dim=1))


def network(sizes):
    if sizes == "LeNet":
        return lenet()
    if sizes == "transformer":
        return Transformer()
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def measure(name, optimizer_name, variant):
    sizes, batch = NETWORKS[name]
    torch.manual_seed(0)
    inputs, classes = ends(sizes)
    images = torch.rand(EXAMPLES, inputs)
    labels = torch.randint(0, classes, (EXAMPLES,))
    order = torch.randperm(EXAMPLES)
    memory = PeakMemory()
    model = network(sizes)
    optimizer = OPTIMIZERS[optimizer_name](model.parameters())
    forward = torch.compile(model) if variant == "compiled" else model
    position = 0

    def step():
        nonlocal position
        chosen = order[position : position + batch]
        position = (position + batch) % (EXAMPLES - batch)
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(forward(images[chosen]), labels[chosen])
        loss.backward()
        optimizer.step()
        return loss.item()

    return steps_per_second(step), memory.growth()


def main():
    torch.set_num_threads(int(sys.argv[1]))
    peer = "PyTorch " + torch.__version__.split("+")[0]
    table(peer, OPTIMIZERS, ("eager", "compiled"), measure, sys.argv[1:])


if __name__ == "__main__":
    main()
