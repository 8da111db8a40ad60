#!/usr/bin/env bash
# Trains the storypair models from nothing and writes their GGUF files. README.md explains it.
set -euo pipefail

usage() {
  cat <<'END'
usage: train_pair.sh [--smoke] [--work DIR] [--sources DIR] [--engine auto|torch|amx] [STEP...]
  --smoke        a tiny pair on own stories only: no downloads, a few minutes
  --work DIR     everything that is written (default: ./storypair-work)
  --sources DIR  clones of the repositories of sources.tsv (default: WORK/sources)
  --engine E     amx: the bf16 kernel; torch: float32 anywhere; auto: amx if the processor has it
Steps, in order (default: all):
  sources corpus tokenizer kernel target self-text draft export acceptance
Environment: PYTHON (default python3), CXX (default g++)
END
}

recipe=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
preset=full engine=auto work=storypair-work sources='' steps=()
stories=60000 tasks=60000 copies=9000 vocabulary=4096 sequences=512 per_class=24
while [ $# -gt 0 ]; do
  case $1 in
    --smoke)
      preset=smoke stories=3000 tasks=3000 copies=500
      vocabulary=1024 sequences=64 per_class=4 ;;
    --work) work=$2 && shift ;;
    --sources) sources=$2 && shift ;;
    --engine) engine=$2 && shift ;;
    -h | --help) usage && exit ;;
    -*) usage >&2 && exit 2 ;;
    *) steps+=("$1") ;;
  esac
  shift
done
if [ ${#steps[@]} -eq 0 ]; then
  steps=(sources corpus tokenizer kernel target self-text draft export acceptance)
fi
mkdir -p "$work"
work=$(cd "$work" && pwd)
if [ -z "$sources" ]; then sources=$work/sources; fi
mkdir -p "$sources"
sources=$(cd "$sources" && pwd)
python=$(command -v "${PYTHON:-python3}")
case $python in /*) ;; *) python=$PWD/$python ;; esac
cd "$recipe" # so that python finds the package `storypair`

if [ "$engine" = auto ]; then
  if grep -qsw amx_bf16 /proc/cpuinfo; then engine=amx; else engine=torch; fi
fi
kernel=()
if [ "$engine" = amx ]; then kernel=(--kernel "$work/train_kernel.so"); fi

module() {
  local name=$1
  shift
  "$python" -m "storypair.$name" --work "$work" "$@"
}

# -march=native also builds where there is no AMX: the tiles are emulated then, for checking only.
build_kernel() {
  "${CXX:-g++}" -std=c++20 -O3 -march=native -mprefer-vector-width=512 -fno-math-errno -fopenmp \
    -Wall -Wextra -Wno-ignored-attributes -Wno-uninitialized -Wno-maybe-uninitialized \
    -shared -fPIC kernel/train_kernel.cc -o "$work/train_kernel.so"
  "$python" -m storypair.check_kernel --kernel "$work/train_kernel.so"
}

for step in "${steps[@]}"; do
  echo "== $step ($preset, $engine)"
  case $step in
    sources) if [ "$preset" = full ]; then ./fetch_sources.sh "$sources"; fi ;;
    corpus) module corpus --sources "$sources" --stories $stories --tasks $tasks --copies $copies ;;
    tokenizer) module tokenizer --vocabulary $vocabulary ;;
    kernel) if [ "$engine" = amx ]; then build_kernel; fi ;;
    target | draft) module train --preset "presets/$preset.json" --model "$step" "${kernel[@]}" ;;
    self-text) module self_text --sequences $sequences ;;
    export) module export_gguf --model target && module export_gguf --model draft ;;
    acceptance) module acceptance --per-class $per_class "${kernel[@]}" ;;
    *) echo "unknown step $step" >&2 && exit 2 ;;
  esac
done
