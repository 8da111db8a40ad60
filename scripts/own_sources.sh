# Lists our own C++ files, headers too, for formatting and linting; fixtures of the house checks are
# bad on purpose and stay out.

own_sources() { # pattern…: e.g. '*.cc' '*.h'
  local pattern
  local -a names=()
  for pattern in "$@"; do names+=(-o -name "${pattern}"); done
  find include src cli bench tests -type d -name fixtures -prune -o \
    -type f \( "${names[@]:1}" \) -print | LC_ALL=C sort
}
