#!/bin/sh
# Checks that no file of ours speaks of one person's machine: absolute paths below home, temporary
# or mounted folders. Configuration and time belong in arguments.
# usage: machine_paths.sh ROOT
set -u
here="$(cd "$(dirname "$0")" && pwd)"
cd "$1" || exit 2
. "$here/own_files.sh"

# At the start of a word only, so that <root>/x and $dir/tmp pass.
folders='(home|Users|root|work|workspace|scratch|tmp|mnt|media|var/tmp)'
# What is committed, where git can say so: a log left lying in a clone is no concern of ours.
if [ -e .git ]; then listed="$(git ls-files | grep -v '/fixtures/')"; else listed="$(own_files '*')"; fi
files="$(printf '%s\n' "$listed" | grep -vE '\.(gguf|png|jpg|webp|ico|woff2|gz|bin|model)$')"
[ -n "$files" ] || { echo "no file found: wrong folder?"; exit 1; }
# shellcheck disable=SC2086
if printf '%s\n' "$files" | tr '\n' '\0' |
  xargs -0 grep -nHIE "(^|[[:space:]\"'\`=(<>,:;|])/$folders/[A-Za-z0-9._\$*{-]" /dev/null |
  grep -vE '^tests/house/machine_paths\.sh:'; then
  echo "these lines name a path of one machine"
  exit 1
fi
printf '%s\n' "$files" | wc -l | sed 's/ *//; s/$/ files, no path of one machine/'
