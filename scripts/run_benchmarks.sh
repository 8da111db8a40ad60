#!/usr/bin/env bash
# Runs every benchmark program below a folder: scripts/run_benchmarks.sh FOLDER [benchmark flags].
set -euo pipefail

folder="$1"
shift
found=no
for program in "${folder}"/*; do
  [[ -f "${program}" && -x "${program}" ]] || continue
  found=yes
  "${program}" "$@"
done
[[ "${found}" == yes ]] || echo "no benchmark programs in ${folder}"
