"""Batched decoding in float32 PyTorch with a key/value cache, all sequences in lock step."""

import torch

from .network import KeyValueCache, Rotary, forward
from .tokenizer import EOS


@torch.no_grad()
def generate(weights, prompts, longest, temperatures, seed):
    """Continues each prompt (lists of ids) by up to `longest` tokens or to </s>; 0 is greedy.

    Returns the full sequences in the order of the prompts.
    """
    draw = torch.Generator().manual_seed(seed)
    rotary, cache = Rotary(weights.shape), KeyValueCache(weights.shape, len(prompts))
    sequences, live = [list(prompt) for prompt in prompts], list(range(len(prompts)))

    def finished(index):
        sequence, prompt = sequences[index], prompts[index]
        grown = len(sequence) - len(prompt)
        return grown >= longest or (grown > 0 and sequence[-1] == EOS)

    for position in range(weights.shape.context - 1):
        rows = [row for row, index in enumerate(live) if not finished(index)]
        if not rows:
            break
        if len(rows) < len(live):
            cache.keep(rows)
            live = [live[row] for row in rows]
        tokens = torch.tensor([[sequences[index][position]] for index in live])
        logits = forward(weights, rotary, tokens, cache, position)[:, 0]
        heat = torch.tensor([temperatures[index] for index in live])
        odds = torch.softmax(logits / heat.clamp(min=0.05)[:, None], -1)
        sampled = torch.multinomial(odds, 1, generator=draw)[:, 0]
        chosen = torch.where(heat > 0, sampled, logits.argmax(-1)).tolist()
        for index, token in zip(live, chosen):
            if len(sequences[index]) == position + 1:
                sequences[index].append(token)
    return sequences
