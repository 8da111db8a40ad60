# Sourced by the tests of the program: counts failures instead of stopping at the first.
failures=0
scratch=$(mktemp -d)

# expect WHAT PATTERN TEXT: TEXT contains the extended regular expression PATTERN.
expect() {
  if grep -qE -- "$2" <<<"$3"; then return; fi
  failures=$((failures + 1))
  printf 'FAILED: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$(head -c 600 <<<"$3")"
}

finish() {
  [ "$failures" = 0 ] && echo "all as expected" && exit 0
  echo "$failures expectations failed"
  exit 1
}
