"""The network that both models share: a Llama without biases and with norm gains fixed to one.

All weights lie in one flat float32 tensor, so that the optimiser, the PyTorch engine and the AMX
kernel (kernel/network.h) agree on a single layout.
"""

import dataclasses
import math

import torch
import torch.nn.functional as F

NORM_EPSILON = 1e-5


@dataclasses.dataclass(frozen=True)
class Shape:
    """Sizes of a model; the kernel wants all but `layers` and the heads in multiples of 32."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    head_width: int
    feed_forward: int
    context: int
    tied: bool
    rope_base: float = 10000.0

    def matrices(self):
        """Name -> (offset in the flat tensor, outputs, inputs), in layout order."""
        placed, offset = {}, 0

        def place(name, outputs, inputs):
            nonlocal offset
            placed[name] = (offset, outputs, inputs)
            offset += outputs * inputs

        place("embedding", self.vocabulary, self.width)
        for layer in range(self.layers):
            place(f"{layer}.q", self.heads * self.head_width, self.width)
            place(f"{layer}.k", self.kv_heads * self.head_width, self.width)
            place(f"{layer}.v", self.kv_heads * self.head_width, self.width)
            place(f"{layer}.output", self.width, self.heads * self.head_width)
            place(f"{layer}.gate", self.feed_forward, self.width)
            place(f"{layer}.up", self.feed_forward, self.width)
            place(f"{layer}.down", self.width, self.feed_forward)
        if not self.tied:
            place("head", self.vocabulary, self.width)
        return placed

    def parameters(self):
        return sum(outputs * inputs for _, outputs, inputs in self.matrices().values())


class Weights:
    """Named views into a flat tensor."""

    def __init__(self, shape, flat=None):
        self.shape = shape
        self.flat = torch.zeros(shape.parameters()) if flat is None else flat
        self._matrices = shape.matrices()

    def names(self):
        return list(self._matrices)

    def __getitem__(self, name):
        if name == "head" and self.shape.tied:
            name = "embedding"
        offset, outputs, inputs = self._matrices[name]
        return self.flat[offset : offset + outputs * inputs].view(outputs, inputs)

    def initialise(self, seed):
        """Gaussian; a zero head makes the first predictions uniform."""
        generator = torch.Generator().manual_seed(seed)
        depth = 1 / math.sqrt(2 * self.shape.layers)
        for name in self.names():
            matrix = self[name]
            spread = 0.5 / math.sqrt(matrix.shape[1])
            if name == "embedding":
                spread = 0.05 if self.shape.tied else 0.5
            elif name == "head":
                spread = 0.0
            elif name.endswith((".output", ".down")):
                spread *= depth
            matrix.normal_(0, 1, generator=generator).mul_(spread)

    def save(self, path):
        torch.save({"shape": dataclasses.asdict(self.shape), "weights": self.flat}, path)

    @staticmethod
    def load(path):
        stored = torch.load(path, weights_only=True)
        return Weights(Shape(**stored["shape"]), stored["weights"])


def rms_norm(x):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + NORM_EPSILON)


class Rotary:
    """Rotates neighbouring pairs (GGUF `llama` order) by position."""

    def __init__(self, shape):
        half = torch.arange(0, shape.head_width, 2).double()
        frequency = shape.rope_base ** (-half / shape.head_width)
        angle = torch.arange(shape.context).double()[:, None] * frequency
        self.cosine, self.sine = angle.cos().float(), angle.sin().float()

    def __call__(self, x, first, count):
        """x [batch, heads, count, head_width] at positions first..first+count-1."""
        cosine, sine = self.cosine[first : first + count], self.sine[first : first + count]
        even, odd = x[..., 0::2], x[..., 1::2]
        turned = torch.stack([even * cosine - odd * sine, even * sine + odd * cosine], -1)
        return turned.flatten(-2)


class KeyValueCache:
    """Keys and values of all layers for `batch` sequences that advance in lock step."""

    def __init__(self, shape, batch):
        size = (shape.layers, batch, shape.kv_heads, shape.context, shape.head_width)
        self.keys, self.values = torch.zeros(size), torch.zeros(size)

    def keep(self, rows):
        self.keys, self.values = self.keys[:, rows].contiguous(), self.values[:, rows].contiguous()


def forward(weights, rotary, tokens, cache=None, first=0):
    """Logits [batch, count, vocabulary] of tokens [batch, count] at positions first.. ."""
    shape = weights.shape
    batch, count = tokens.shape
    assert count == 1 or first == 0, "several tokens at once only from the start"
    x = weights["embedding"][tokens]

    def heads(name, normed, number):
        return F.linear(normed, weights[name]).view(batch, count, number, -1).transpose(1, 2)

    for layer in range(shape.layers):
        normed = rms_norm(x)
        q = rotary(heads(f"{layer}.q", normed, shape.heads), first, count)
        k = rotary(heads(f"{layer}.k", normed, shape.kv_heads), first, count)
        v = heads(f"{layer}.v", normed, shape.kv_heads)
        if cache is not None:
            cache.keys[layer, :, :, first : first + count] = k
            cache.values[layer, :, :, first : first + count] = v
            k = cache.keys[layer, :, :, : first + count]
            v = cache.values[layer, :, :, : first + count]
        group = shape.heads // shape.kv_heads
        k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=count > 1)
        x = x + F.linear(
            mixed.transpose(1, 2).reshape(batch, count, -1), weights[f"{layer}.output"]
        )
        normed = rms_norm(x)
        gate, up = F.linear(normed, weights[f"{layer}.gate"]), F.linear(
            normed, weights[f"{layer}.up"]
        )
        x = x + F.linear(F.silu(gate) * up, weights[f"{layer}.down"])
    return F.linear(rms_norm(x), weights["head"])
