#!/usr/bin/env bash
# clang-tidy over our own sources: scripts/lint.sh [--changed] BUILD_FOLDER [JOBS]. With --changed only
# sources that differ from the main branch, or include a header that does. A file that passed is
# remembered by the content of everything it includes of ours, so a second run looks only at what
# changed. Stops looking after LINT_SECONDS (default 1200) and then says what it did not get to.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/own_sources.sh

scope=own_sources
if [[ "$1" == --changed ]]; then
  scope=changed_sources
  shift
fi
build="$1" jobs="${2:-$(nproc)}"
passed_dir="${XDG_CACHE_HOME:-${HOME}/.cache}/turbospec/lint"
deadline=$(($(date +%s) + ${LINT_SECONDS:-1200}))
mkdir -p "${passed_dir}"
rules="$(cat .clang-tidy scripts/lint.sh <(clang-tidy --version) | sha256sum)"

# The name under which a pass is remembered: a digest of the file, our headers it sees, the rules.
digest() {
  local dependencies
  # Where the preprocessor alone does not get through, any of our headers may matter.
  dependencies="$(g++ -std=c++20 -MM -MG -Isrc -Iinclude -I. "$1" 2>/dev/null | tr -d '\\\n' |
    cut -d: -f2-)" || dependencies="$1 $(own_sources '*.h')"
  # shellcheck disable=SC2086
  { printf '%s\n' "${rules}" "$1"; cat ${dependencies} 2>/dev/null || true; } | sha256sum | cut -c1-32
}

# Prints "clean", "remembered", "late" or "findings" and the file; what clang-tidy says goes to
# standard error.
lint_one() {
  local file="$1" mark answer extra=""
  [[ "${file}" == *_test.cc ]] && extra="-performance-*" # tests are written to be read
  mark="${passed_dir}/$(digest "${file}")"
  if [[ -e "${mark}" ]]; then
    echo "remembered ${file}"
  elif (($(date +%s) >= deadline)); then
    echo "late ${file}"
  elif answer="$(clang-tidy --quiet -p "${build}" "--checks=${extra}" \
    --extra-arg=-Wno-unknown-warning-option "${file}" 2>&1)"; then
    touch "${mark}"
    echo "clean ${file}"
  else
    printf '%s\n' "${answer}" >&2
    echo "findings ${file}"
  fi
}
export -f lint_one digest own_sources
export build passed_dir deadline rules

# Committed since the main branch, or not committed yet; all when git has no main to compare with.
changed_sources() {
  local base changed header
  base="$(git merge-base HEAD origin/main 2>/dev/null || git merge-base HEAD main 2>/dev/null)" ||
    { own_sources "$@"; return; }
  changed="$({ git diff --name-only "${base}"; git ls-files --others --exclude-standard; } | sort -u)"
  {
    grep '\.cc$' <<<"${changed}" || true
    { grep '\.h$' <<<"${changed}" || true; } | sed -E 's#^(src|include)/##' | while read -r header; do
      own_sources "$@" | xargs grep -lF "#include \"${header}\"" || true
    done
  } | sort -u
}

# Only what this build compiles: without libllama, its adapter has no headers to look at.
compiled_sources() {
  "${scope}" '*.cc' | while read -r file; do
    if grep -qF "\"file\": \"${PWD}/${file}\"" "${build}/compile_commands.json"; then
      printf '%s\n' "${file}"
    fi
  done
}

results="$(compiled_sources | xargs -r -n 1 -P "${jobs}" bash -c 'set -o pipefail; lint_one "$1"' lint)"
count() { grep -c "^$1 " <<<"${results}" || true; }
echo "lint: $(count clean) clean, $(count remembered) unchanged, $(count findings) with findings," \
  "$(count late) not reached"
if [[ "$(count late)" -gt 0 ]]; then
  echo "lint: LINT_SECONDS ran out before these; run it again to go on:"
  sed -n 's/^late /  /p' <<<"${results}"
fi
[[ "$(count findings)" == 0 && "$(count late)" == 0 ]]
