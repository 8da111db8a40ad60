#!/usr/bin/env bash
# Clones the repositories of sources.tsv to DIRECTORY/OWNER+NAME, shallow.
# Usage: fetch_sources.sh DIRECTORY. A commit in DIRECTORY/sources.lock is taken instead of the
# default branch; commits of new clones are added. Missing repositories are reported, not fatal.
set -euo pipefail

recipe=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -eq 1 ] || { echo "usage: $0 DIRECTORY" >&2; exit 2; }
mkdir -p "$1"
cd "$1"
touch sources.lock
export GIT_TERMINAL_PROMPT=0 # a missing repository must fail, not ask for a password
host=${STORYPAIR_GIT_HOST:-https://github.com}

missing=0
while IFS=$'\t' read -r repository _; do
  case $repository in '' | '#'*) continue ;; esac
  clone=${repository/\//+}
  [ -d "$clone/.git" ] && continue
  wanted=$(awk -v name="$repository" '$1 == name { print $2 }' sources.lock)
  rm -rf "$clone.part"
  git init -q "$clone.part"
  if git -C "$clone.part" fetch -q --depth 1 "$host/$repository" "${wanted:-HEAD}" \
    2>"$clone.error" &&
    git -C "$clone.part" checkout -q FETCH_HEAD; then
    mv "$clone.part" "$clone"
    rm -f "$clone.error"
    [ -n "$wanted" ] || echo "$repository $(git -C "$clone" rev-parse HEAD)" >>sources.lock
    echo "fetched $repository"
  else
    echo "missing $repository: $(head -n 1 "$clone.error")" >&2
    rm -rf "$clone.part" "$clone.error"
    missing=$((missing + 1))
  fi
done <"$recipe/sources.tsv"
echo "$missing repositories missing; the recipe runs without them, on less text"
