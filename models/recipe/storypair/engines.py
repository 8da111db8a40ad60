"""Two ways to compute the same training step: float32 PyTorch anywhere, bf16 AMX tiles where
the processor has them. Both keep float32 weights and accept batches [rows, context] of int32."""

import ctypes
import dataclasses
import os

import torch
import torch.nn.functional as F

from .network import Rotary, Weights, forward

IGNORED = -1  # a target that carries no loss


@dataclasses.dataclass
class Muon:
    """Settings of one Muon step; the meaning of each is in kernel/muon.h."""

    momentum: float
    learning_rate: float
    weight_decay: float


class TorchEngine:
    """The portable engine: autograd over the flat weights."""

    ROWS_AT_ONCE = 8  # bounds the memory for logits

    def __init__(self, weights):
        self.weights, self.rotary = weights, Rotary(weights.shape)
        self.gradient = torch.zeros_like(weights.flat)

    def weights_changed(self):
        """Nothing is cached."""

    def train(self, tokens, targets, teacher=None, teacher_share=0.0):
        """Fills `gradient`; returns the mean cross-entropy against the targets (data only)."""
        counted = int((targets >= 0).sum())
        flat = self.weights.flat.clone().requires_grad_()
        total = 0.0
        for first in range(0, len(tokens), self.ROWS_AT_ONCE):
            rows = slice(first, first + self.ROWS_AT_ONCE)
            logits = forward(Weights(self.weights.shape, flat), self.rotary, tokens[rows].long())
            goal = targets[rows].long()
            data = F.cross_entropy(
                logits.flatten(0, 1), goal.flatten(), ignore_index=IGNORED, reduction="sum"
            )
            total += data.item()
            loss = data
            if teacher is not None:
                soft = teacher[rows].float() * (goal >= 0)[..., None]
                imitation = -(soft * F.log_softmax(logits, -1)).sum()
                loss = teacher_share * imitation + (1 - teacher_share) * data
            (loss / counted).backward()
        self.gradient.copy_(flat.grad)
        return total / counted

    @torch.no_grad()
    def loss(self, tokens, targets):
        total = 0.0
        for first in range(0, len(tokens), self.ROWS_AT_ONCE):
            rows = slice(first, first + self.ROWS_AT_ONCE)
            logits = forward(self.weights, self.rotary, tokens[rows].long())
            total += F.cross_entropy(
                logits.flatten(0, 1),
                targets[rows].long().flatten(),
                ignore_index=IGNORED,
                reduction="sum",
            ).item()
        return total / int((targets >= 0).sum())

    @torch.no_grad()
    def probabilities(self, tokens):
        """bf16 [rows, context, vocabulary]."""
        parts = [
            forward(self.weights, self.rotary, part.long()).softmax(-1).bfloat16()
            for part in tokens.split(self.ROWS_AT_ONCE)
        ]
        return torch.cat(parts)

    @torch.no_grad()
    def muon_step(self, names, momentum, settings):
        """One Muon step for the named matrices; `momentum` is flat like the weights."""
        gradients, speeds = (Weights(self.weights.shape, t) for t in (self.gradient, momentum))
        for name in names:
            weight, gradient, speed = self.weights[name], gradients[name], speeds[name]
            speed.mul_(settings.momentum).add_(gradient)
            x = gradient + settings.momentum * speed
            tall = x.shape[0] > x.shape[1]
            x = (x.t() if tall else x) / (x.norm() + 1e-12)
            for _ in range(5):
                a = x @ x.t()
                x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
            x = x.t() if tall else x
            rate = settings.learning_rate * max(1.0, x.shape[0] / x.shape[1]) ** 0.5
            weight.mul_(1 - settings.weight_decay * settings.learning_rate).sub_(x, alpha=rate)


class _Shape(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_int)
        for name in (
            "vocabulary",
            "width",
            "layers",
            "heads",
            "kv_heads",
            "head_width",
            "feed_forward",
            "context",
            "tied",
        )
    ] + [("rope_base", ctypes.c_float)]


class _Request(ctypes.Structure):
    _fields_ = [
        ("tokens", ctypes.c_void_p),
        ("targets", ctypes.c_void_p),
        ("teacher", ctypes.c_void_p),
        ("teacher_share", ctypes.c_float),
        ("gradient_scale", ctypes.c_float),
        ("probabilities", ctypes.c_void_p),
        ("best", ctypes.c_void_p),
    ]


class _Muon(ctypes.Structure):
    _fields_ = [(name, ctypes.c_float) for name in ("momentum", "learning_rate", "weight_decay")]


def _address(tensor):
    if tensor is None:
        return None
    assert tensor.is_contiguous()
    return tensor.data_ptr()


class AmxEngine:
    """The kernel of kernel/train_kernel.cc, loaded from a shared library."""

    ROWS_PER_BLOCK = 4

    def __init__(self, weights, library, threads=None):
        self.weights, self.kernel = weights, ctypes.CDLL(os.path.abspath(library))
        self.kernel.storypair_create.restype = ctypes.c_void_p
        self.kernel.storypair_weights.restype = ctypes.c_long
        self.kernel.storypair_run.restype = ctypes.c_double
        fields = dataclasses.asdict(weights.shape)
        shape = _Shape(**{**fields, "tied": int(weights.shape.tied)})
        created = self.kernel.storypair_create(
            ctypes.byref(shape), threads or os.cpu_count(), self.ROWS_PER_BLOCK
        )
        if not created:
            raise OSError("the operating system refuses the AMX tile registers")
        self.network = ctypes.c_void_p(created)
        assert self.kernel.storypair_weights(self.network) == weights.flat.numel()
        self.gradient = torch.zeros_like(weights.flat)
        self.weights_changed()

    def __del__(self):
        if getattr(self, "network", None):
            self.kernel.storypair_destroy(self.network)

    def weights_changed(self):
        self.kernel.storypair_pack(self.network, ctypes.c_void_p(_address(self.weights.flat)))

    def _run(
        self, tokens, targets=None, teacher=None, teacher_share=0.0, scale=0.0, probabilities=None
    ):
        request = _Request(
            _address(tokens),
            _address(targets),
            _address(teacher),
            teacher_share,
            scale,
            _address(probabilities),
            None,
        )
        return self.kernel.storypair_run(
            self.network,
            ctypes.c_void_p(_address(self.weights.flat)),
            ctypes.byref(request),
            len(tokens),
            ctypes.c_void_p(_address(self.gradient)),
        )

    def train(self, tokens, targets, teacher=None, teacher_share=0.0):
        counted = int((targets >= 0).sum())
        return self._run(tokens, targets, teacher, teacher_share, 1.0 / counted) / counted

    def loss(self, tokens, targets):
        return self._run(tokens, targets) / int((targets >= 0).sum())

    def probabilities(self, tokens):
        out = torch.empty(*tokens.shape, self.weights.shape.vocabulary, dtype=torch.bfloat16)
        self._run(tokens, probabilities=out)
        return out

    def muon_step(self, names, momentum, settings):
        places = self.weights.shape.matrices()
        column = lambda i, kind: torch.tensor([places[name][i] for name in names], dtype=kind)
        tables = column(0, torch.int64), column(1, torch.int32), column(2, torch.int32)
        flat = (self.weights.flat, self.gradient, momentum)
        self.kernel.storypair_muon(
            *(ctypes.c_void_p(_address(t)) for t in flat),
            len(names),
            *(ctypes.c_void_p(_address(t)) for t in tables),
            ctypes.byref(_Muon(**dataclasses.asdict(settings)))
        )


def make_engine(weights, library):
    """The AMX engine if `library` is given, else the portable one."""
    return AmxEngine(weights, library) if library else TorchEngine(weights)
