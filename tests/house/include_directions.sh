#!/bin/sh
# Checks every #include of our sources against the table of floors.
# usage: include_directions.sh ROOT [TABLE]
set -u
root="$1"
here="$(cd "$(dirname "$0")" && pwd)"
table="$(cd "$(dirname "${2:-$here/floors.txt}")" && pwd)/$(basename "${2:-floors.txt}")"
cd "$root" || exit 2
. "$here/own_files.sh"

own_files '*.cc' '*.h' | xargs grep -nH '^[ 	]*#[ 	]*include' /dev/null |
  awk -f "$here/include_directions.awk" "$table" -
