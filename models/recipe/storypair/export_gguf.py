"""Writes a trained model as GGUF files, f16 and Q8_0, straight from the checkpoint."""

import argparse
import pathlib

import gguf
import numpy as np

from .network import NORM_EPSILON, Weights
from .tokenizer import ASSISTANT, BOS, EOS, USER, Tokenizer

CHAT_TEMPLATE = (
    "{% for m in messages %}{% if m['role'] == 'assistant' %}<|assistant|>\n{{ m['content'] }}</s>"
    "{% else %}<|user|>\n{{ m['content'] }}\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
TENSOR_NAMES = {
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "output": "attn_output",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}
FORMATS = {
    "f16": (gguf.LlamaFileType.MOSTLY_F16, gguf.GGMLQuantizationType.F16),
    "q8_0": (gguf.LlamaFileType.MOSTLY_Q8_0, gguf.GGMLQuantizationType.Q8_0),
}


def write_header(writer, shape, name, file_type):
    writer.add_name(f"storypair-{name}")
    writer.add_description("Small story model trained from scratch for speculative decoding")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head_width)
    writer.add_value_length(shape.head_width)
    writer.add_layer_norm_rms_eps(NORM_EPSILON)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(file_type)


def write_tokenizer(writer, pieces):
    def kind(token):
        if pieces.is_unknown(token):
            return gguf.TokenType.UNKNOWN
        if pieces.is_control(token) or token in (USER, ASSISTANT):
            return gguf.TokenType.CONTROL
        return gguf.TokenType.BYTE if pieces.is_byte(token) else gguf.TokenType.NORMAL

    tokens = range(pieces.get_piece_size())
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([pieces.id_to_piece(token).encode() for token in tokens])
    writer.add_token_scores([pieces.get_score(token) for token in tokens])
    writer.add_token_types([kind(token) for token in tokens])
    writer.add_bos_token_id(BOS)
    writer.add_eos_token_id(EOS)
    writer.add_eot_token_id(EOS)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def write_tensors(writer, weights, tensor_type):
    def matrix(name, values):
        packed = gguf.quants.quantize(values.numpy().astype(np.float32), tensor_type)
        writer.add_tensor(name, packed, raw_dtype=tensor_type)

    ones = np.ones(weights.shape.width, np.float32)
    matrix("token_embd.weight", weights["embedding"])
    for layer in range(weights.shape.layers):
        for ours, theirs in TENSOR_NAMES.items():
            matrix(f"blk.{layer}.{theirs}.weight", weights[f"{layer}.{ours}"])
        writer.add_tensor(f"blk.{layer}.attn_norm.weight", ones)
        writer.add_tensor(f"blk.{layer}.ffn_norm.weight", ones)
    writer.add_tensor("output_norm.weight", ones)
    if not weights.shape.tied:
        matrix("output.weight", weights["head"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", required=True)
    parser.add_argument("--model", required=True, choices=["target", "draft"])
    options = parser.parse_args()
    work = pathlib.Path(options.work)
    weights = Weights.load(work / f"{options.model}.pt")
    pieces = Tokenizer(work / "tokenizer.model").pieces
    for label, (file_type, tensor_type) in FORMATS.items():
        path = work / f"storypair-{options.model}-{label}.gguf"
        writer = gguf.GGUFWriter(path, "llama")
        write_header(writer, weights.shape, options.model, file_type)
        write_tokenizer(writer, pieces)
        write_tensors(writer, weights, tensor_type)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
