#!/bin/sh
# The scanner of functions on shapes that it could get wrong: every function it sees, with its
# length and first line.
set -u
cd "$(dirname "$0")" || exit 2
awk -v list=1 -v limit=80 -f function_lengths.awk fixtures/functions/tricky.cc |
  diff -u fixtures/functions.txt -
