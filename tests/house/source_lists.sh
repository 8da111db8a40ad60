#!/bin/sh
# Checks that every .cc file is named in the CMakeLists.txt of its folder (or of one above), so that
# no source and no test is left out of the build in silence; and that no list is globbed.
# usage: source_lists.sh ROOT
set -u
here="$(cd "$(dirname "$0")" && pwd)"
cd "$1" || exit 2
. "$here/own_files.sh"

lists="$(own_files CMakeLists.txt)"
status=0

# shellcheck disable=SC2086
if [ -n "$lists" ] && grep -nHiE '^[^#]*(GLOB|aux_source_directory)' $lists; then
  echo "sources are listed by name, not globbed"
  status=1
fi

# One line per word of each list: the path that the word would name as a file.
named="$(for list in $lists; do
  folder="$(dirname "$list")/"
  [ "$folder" = ./ ] && folder=""
  sed 's/#.*//' "$list" | tr -s ' \t()"' '\n' | grep '\.cc$' | sed "s|^|$folder|"
done)"

sources="$(own_files '*.cc' | grep -E '^(src|cli|bench|tests)/')"
[ -n "$sources" ] || { echo "no source found: wrong folder?"; exit 1; }
count=0
for source in $sources; do
  count=$((count + 1))
  if ! printf '%s\n' "$named" | grep -qxF "$source"; then
    echo "$source: named in no CMakeLists.txt"
    status=1
  fi
done
echo "$count sources looked up"
exit $status
