# Lists the project's own files below the current folder whose names match any of the patterns;
# what is built, fetched or bad on purpose stays out.

own_files() {
  tests=""
  for pattern in "$@"; do tests="$tests -o -name $pattern"; done
  set -f # the patterns are for find, not for the shell
  # shellcheck disable=SC2086
  find . \( -path ./build -o -path ./.git -o -path ./.deps -o -name fixtures -o -name __pycache__ \
    -o -name node_modules -o -name '.venv' \) -prune -o -type f \( ${tests# -o } \) -print |
    sed 's|^\./||' | LC_ALL=C sort
  set +f
}
