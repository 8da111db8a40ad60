"""Compares the AMX kernel with float32 PyTorch on a tiny random network: loss, every gradient,
the teacher mixture, probabilities and one Muon step. Fails if any differs by more than bf16 may."""

import argparse

import torch

from .engines import AmxEngine, Muon, TorchEngine
from .network import Shape, Weights

GRADIENT_TOLERANCE = 0.03  # relative; bf16 keeps 8 bits, sound kernels measure 0.5-2.2 %
LOSS_TOLERANCE = 0.002
MUON_TOLERANCE = 0.05  # five products in a row


def relative(a, b):
    return ((a - b).norm() / b.norm()).item()


def compare(library, tied):
    """Yields (what, error, tolerance)."""
    torch.manual_seed(0)
    shape = Shape(
        vocabulary=128,
        width=64,
        layers=2,
        heads=4,
        kv_heads=2,
        head_width=32,
        feed_forward=96,
        context=64,
        tied=tied,
    )
    weights = Weights(shape)
    weights.initialise(0)
    weights.flat.add_(torch.randn(shape.parameters()) * 0.08)
    copy = Weights(shape, weights.flat.clone())
    fast, exact = AmxEngine(weights, library, threads=2), TorchEngine(copy)
    tokens = torch.randint(0, 128, (7, 64), dtype=torch.int32)
    targets = torch.randint(0, 128, (7, 64), dtype=torch.int32)
    targets[0, :7] = -1
    teacher = torch.rand(7, 64, 128).mul(5).softmax(-1).bfloat16()
    for label, extra in (("data", ()), ("teacher", (teacher, 0.8))):
        losses = [engine.train(tokens, targets, *extra) for engine in (fast, exact)]
        yield f"{label} loss", abs(losses[0] - losses[1]) / losses[1], LOSS_TOLERANCE
        gradients = [Weights(shape, engine.gradient) for engine in (fast, exact)]
        for name in weights.names():
            yield f"{label} {name}", relative(
                gradients[0][name], gradients[1][name]
            ), GRADIENT_TOLERANCE
    yield "evaluation", abs(
        fast.loss(tokens, targets) / exact.loss(tokens, targets) - 1
    ), LOSS_TOLERANCE
    probabilities = [engine.probabilities(tokens).float() for engine in (fast, exact)]
    yield "probabilities", relative(*probabilities), GRADIENT_TOLERANCE
    fast.gradient.copy_(exact.gradient)
    names = [name for name in weights.names() if name not in ("embedding", "head")]
    for engine in (fast, exact):
        engine.muon_step(names, torch.zeros(shape.parameters()), Muon(0.9, 1.0, 0.1))
    for name in names:
        yield f"muon {name}", relative(weights[name], copy[name]), MUON_TOLERANCE


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", required=True, help="the built shared library")
    library = parser.parse_args().kernel
    failed = False
    for tied in (False, True):
        for what, error, tolerance in compare(library, tied):
            bad = not error <= tolerance
            failed |= bad
            print(f"{'FAIL' if bad else 'ok  '} tied={tied!s:5} {what:22} {error:.5f}")
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
