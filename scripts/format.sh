#!/usr/bin/env bash
# clang-format over our own sources; with --check it changes nothing and fails on a difference.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/own_sources.sh

mapfile -t files < <(own_sources '*.cc' '*.h')
if [[ "${1:-}" == --check ]]; then
  clang-format --dry-run --Werror "${files[@]}"
  echo "format: ${#files[@]} files are as clang-format writes them"
else
  clang-format -i "${files[@]}"
fi
