#!/bin/sh
# A libllama that does not fit is refused at configure time by name, and a missing one with advice.
# usage: llama_refusal_test.sh CMAKE ROOT SCRATCH
set -u
cmake="$1"
root="$(cd "$2" && pwd)"
scratch="$3"
rm -rf "$scratch"
mkdir -p "$scratch/project" "$scratch/empty"
cat >"$scratch/project/CMakeLists.txt" <<TEXT
cmake_minimum_required(VERSION 3.24)
project(refusal LANGUAGES CXX)
include("$root/cmake/FindLlamaRuntime.cmake")
TEXT

failures=0
refuses() { # case, libllama root, phrases…
  name="$1"
  said="$("$cmake" -S "$scratch/project" -B "$scratch/build" "-DTURBOSPEC_LLAMA_ROOT=$2" 2>&1)"
  status=$?
  shift 2
  said="$(printf '%s' "$said" | tr -s ' \n' ' ')" # cmake breaks lines where it likes
  for phrase in "$@"; do
    case "$said" in
      *"$phrase"*) [ $status -ne 0 ] && continue ;;
    esac
    printf '%s: exit status %s, expected "%s" in:\n%s\n' "$name" "$status" "$phrase" "$said"
    failures=$((failures + 1))
    return
  done
  printf '%s: as it should be\n' "$name"
}

refuses "older API" "$root/tests/house/fixtures/old_llama" "does not fit: needs 0.7.x API" \
  "(missing version, load_mode, kv_unified, n_outputs_max)"
refuses "no libllama there" "$scratch/empty" "No libllama in" "make setup"

[ "$failures" -eq 0 ]
