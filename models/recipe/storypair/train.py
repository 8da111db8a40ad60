"""Trains one model of a preset: `--model target`, or `--model draft` with the target as teacher.

Muon drives the matrices of the layers, Adam the embedding and the head. Each stage of the preset
has its own rows per step and its own mixture; the learning rate warms up over the first steps,
stays flat, and falls linearly to zero over the tokens that the preset's `decay_from` leaves.
"""

import argparse
import json
import pathlib
import time

import torch

from .batches import Mixture
from .engines import Muon, make_engine
from .network import Shape, Weights

HELD_OUT_PARTS = ["tiny", "tale", "code", "synth", "task", "copy"]
ADAM_FIRST, ADAM_SECOND = 0.9, 0.95


class Optimiser:
    """Muon and Adam over the engine's flat weights and gradient."""

    def __init__(self, engine, settings):
        self.engine, self.settings, self.steps = engine, settings, 0
        weights = engine.weights
        self.tables = [name for name in weights.names() if name in ("embedding", "head")]
        self.matrices = [name for name in weights.names() if name not in self.tables]
        self.momentum = torch.zeros_like(weights.flat)
        self.squares = torch.zeros_like(weights.flat)

    def step(self, rate):
        """One update at `rate` (0..1) times the preset's learning rates."""
        self.steps += 1
        momentum = 0.85 + 0.1 * min(1, self.steps / 300)
        self.engine.muon_step(
            self.matrices,
            self.momentum,
            Muon(momentum, self.settings["muon_rate"] * rate, self.settings["weight_decay"]),
        )
        shape = self.engine.weights.shape
        gradients, means, squares = (
            Weights(shape, flat) for flat in (self.engine.gradient, self.momentum, self.squares)
        )
        for name in self.tables:
            gradient = gradients[name]
            mean = means[name].mul_(ADAM_FIRST).add_(gradient, alpha=1 - ADAM_FIRST)
            square = (
                squares[name].mul_(ADAM_SECOND).addcmul_(gradient, gradient, value=1 - ADAM_SECOND)
            )
            size = self.settings["adam_rate"] * rate * (0.5 if name == "head" else 1.0)
            spread = (square / (1 - ADAM_SECOND**self.steps)).sqrt_().add_(1e-10)
            self.engine.weights[name].addcdiv_(
                mean / (1 - ADAM_FIRST**self.steps), spread, value=-size
            )
        self.engine.weights_changed()


def learning_rate(step, done, decay_from, warm_up):
    """`done`: share of the model's tokens already used. 0.5 done, decay from 0.35 -> 0.77."""
    fall = 1.0 if done < decay_from else (1 - done) / (1 - decay_from)
    return min(1.0, (step + 1) / warm_up) * fall


def held_out_losses(engine, corpus, rows):
    losses = {}
    for part in HELD_OUT_PARTS:
        try:
            batch = Mixture(corpus, {f"val_{part}": 1.0}, engine.weights.shape.context, 5).batch(
                rows
            )
        except ValueError:
            continue  # the part has no documents
        losses[part] = engine.loss(*batch)
    return losses


def report(what, losses):
    print(what, " ".join(f"{part} {loss:.3f}" for part, loss in losses.items()), flush=True)


def run(preset, model, corpus, engine, teacher):
    """Runs all stages; a stage with a `teacher_share` imitates the teacher's distribution."""
    settings, stages = preset["optimiser"], preset[model]["stages"]
    context = engine.weights.shape.context
    optimiser = Optimiser(engine, settings)
    planned, used, average = sum(s["steps"] * s["rows"] * context for s in stages), 0, None
    started = time.monotonic()
    for number, stage in enumerate(stages):
        mixture = Mixture(corpus, stage["mixture"], context, seed=number + 1)
        share = stage.get("teacher_share", 0.0)
        for _ in range(stage["steps"]):
            tokens, targets = mixture.batch(stage["rows"])
            soft = teacher.probabilities(tokens) if share else None
            loss = engine.train(tokens, targets, soft, share)
            optimiser.step(
                learning_rate(
                    optimiser.steps,
                    used / planned,
                    preset[model]["decay_from"],
                    settings["warm_up"],
                )
            )
            used += tokens.numel()
            average = loss if average is None else 0.97 * average + 0.03 * loss
            if optimiser.steps % 25 == 0:
                speed = used / (time.monotonic() - started)
                print(
                    f"{model} stage {number} step {optimiser.steps} tokens {used / 1e6:.2f}M "
                    f"loss {average:.3f} {speed:.0f} tokens/s",
                    flush=True,
                )
            if optimiser.steps % 250 == 0:
                report(f"{model} held out", held_out_losses(engine, corpus, 12))
    report(f"{model} held out", held_out_losses(engine, corpus, 12))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", required=True)
    parser.add_argument("--model", required=True, choices=["target", "draft"])
    parser.add_argument("--work", required=True)
    parser.add_argument("--kernel", help="the AMX library; without it PyTorch float32 is used")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    preset, work = json.loads(pathlib.Path(options.preset).read_text()), pathlib.Path(options.work)
    weights = Weights(Shape(**preset["shared_shape"], **preset[options.model]["shape"]))
    weights.initialise(options.seed)
    print(f"{options.model}: {weights.flat.numel()} parameters", flush=True)
    teacher = None
    if options.model == "draft":
        teacher = make_engine(Weights.load(work / "target.pt"), options.kernel)
    run(preset, options.model, work / "corpus", make_engine(weights, options.kernel), teacher)
    weights.save(work / f"{options.model}.pt")


if __name__ == "__main__":
    main()
