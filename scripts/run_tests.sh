#!/usr/bin/env bash
# Runs the tests of one preset: scripts/run_tests.sh PRESET [JOBS]. Ends with ctest's summary line,
# which it also leaves in build/PRESET/test_summary.txt, and with ctest's exit status.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

preset="$1" jobs="${2:-$(nproc)}"
summary_file="build/${preset}/test_summary.txt"
log="build/${preset}/test_log.txt"
rm -f "${summary_file}"

ctest --preset "${preset}" -j "${jobs}" --no-tests=error 2>&1 | tee "${log}"
status=${PIPESTATUS[0]}
grep -E '^[0-9]+% tests passed' "${log}" | tail -n 1 >"${summary_file}"
[[ -s "${summary_file}" ]] || echo "no test ran" >"${summary_file}"
cat "${summary_file}"
exit "${status}"
