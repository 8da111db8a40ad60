# How setup speaks: one line per thing done, and failures that say what to do next.

say() { printf 'setup: %s\n' "$*"; }

# fail LINE…: prints every line to standard error and stops.
fail() {
  printf 'setup: %s\n' "$1" >&2
  shift
  local line
  for line in "$@"; do printf '       %s\n' "${line}" >&2; done
  exit 1
}
