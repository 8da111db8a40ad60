#!/bin/sh
# Shows that a check can fail: runs it on a sample that is bad on purpose and compares all it says
# with the expected findings, so that both a miss and a false alarm are seen.
# usage: must_find.sh EXPECTED COMMAND…
set -u
expected="$1"
shift
found="$("$@" 2>&1)"
status=$?
if [ "$status" -ne 1 ]; then
  printf '%s\nexit status %s, but the sample is bad, so 1 was expected\n' "$found" "$status"
  exit 1
fi
printf '%s\n' "$found" | diff -u "$expected" -
