# What the build needs from the host. A requirement counts as met when its command or header is
# there, however it was installed; only what is missing is asked of apt.

boost_minimum=108100 # Boost.URL arrived in 1.81

# One requirement per line: kind, what to look for, Debian packages that bring it (first that the
# distribution offers).
host_requirements() {
  cat <<'TABLE'
command g++ g++
command cmake cmake
command ninja ninja-build
command make make
command ccache ccache
command git git
command curl curl
command pkg-config pkg-config pkgconf
file /etc/ssl/certs/ca-certificates.crt ca-certificates
boost boost/version.hpp libboost-dev libboost1.88-dev libboost1.83-dev libboost1.81-dev
header nlohmann/json.hpp nlohmann-json3-dev
header CLI/CLI.hpp libcli11-dev
header spdlog/spdlog.h libspdlog-dev
header fmt/core.h libfmt-dev
header prometheus/registry.h prometheus-cpp-dev libprometheus-cpp-dev
header gtest/gtest.h libgtest-dev
header gmock/gmock.h libgmock-dev
header benchmark/benchmark.h libbenchmark-dev
TABLE
  if [[ "${want_lint}" == yes ]]; then
    echo "command clang-format clang-format"
    echo "command clang-tidy clang-tidy"
  fi
}

# Prints the full path of an installed header.
find_header() {
  local directory
  local -a directories
  IFS=: read -r -a directories <<<"${TURBOSPEC_INCLUDE_DIRS:-/usr/include:/usr/local/include}"
  for directory in "${directories[@]}"; do
    if [[ -f "${directory}/$1" ]]; then
      printf '%s\n' "${directory}/$1"
      return 0
    fi
  done
  return 1
}

boost_is_new_enough() {
  local header version
  header="$(find_header boost/version.hpp)" || return 1
  version="$(sed -n 's/^#define BOOST_VERSION \([0-9]*\).*/\1/p' "${header}")"
  [[ "${version:-0}" -ge "${boost_minimum}" ]]
}

requirement_is_met() { # kind what
  case "$1" in
    command) command -v "$2" >/dev/null ;;
    file) [[ -e "$2" ]] ;;
    boost) boost_is_new_enough ;;
    header) find_header "$2" >/dev/null ;;
  esac
}

distribution() { # prints the words of ID and ID_LIKE
  local file="${TURBOSPEC_OS_RELEASE:-/etc/os-release}"
  [[ -r "${file}" ]] || return 0
  sed -n 's/^ID\(_LIKE\)\{0,1\}=//p' "${file}" | tr -d '"' | tr '\n' ' '
}

is_debian_like() {
  [[ " $(distribution) " =~ \ (debian|ubuntu)\  ]] && command -v apt-get >/dev/null
}

# Prints the command prefix that makes one root, or fails.
root_prefix() {
  if [[ "$(id -u)" == 0 ]]; then
    echo ""
  elif command -v sudo >/dev/null; then
    echo "sudo"
  else
    return 1
  fi
}

candidate_version() { # package
  LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p' | grep -v '^(none)$'
}

# Prints the first package of a list that apt offers (a plain libboost-dev only when new enough).
offered_package() { # kind package…
  local kind="$1" package version
  shift
  for package in "$@"; do
    version="$(candidate_version "${package}")" || continue
    if [[ "${kind}" == boost ]] && dpkg --compare-versions "${version}" lt 1.81; then continue; fi
    printf '%s\n' "${package}"
    return 0
  done
  return 1
}

# Fills missing_lines (requirements as in the table) and missing_names (for people).
collect_missing() {
  local kind what packages
  missing_lines=() missing_names=()
  while read -r kind what packages; do
    if ! requirement_is_met "${kind}" "${what}"; then
      missing_lines+=("${kind} ${what} ${packages}")
      missing_names+=("${packages// / or }")
    fi
  done < <(host_requirements)
}

# Fills packages_to_install; fails when some requirement has no package in apt's present lists.
choose_packages() {
  local line package kind what packages
  packages_to_install=() unavailable=()
  for line in "${missing_lines[@]}"; do
    read -r kind what packages <<<"${line}"
    # shellcheck disable=SC2086
    if package="$(offered_package "${kind}" ${packages})"; then
      packages_to_install+=("${package}")
    else
      unavailable+=("${packages// / or }")
    fi
  done
  [[ ${#unavailable[@]} -eq 0 ]]
}

install_packages() { # root-prefix package…
  local prefix="$1"
  shift
  # shellcheck disable=SC2086
  ${prefix} env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

refresh_package_lists() { # root-prefix
  say "refreshing apt's package lists"
  # A broken third-party source must not stop us: what counts is whether the packages turn up.
  # shellcheck disable=SC2086
  ${1} apt-get update -q || true
}

# Installs what missing_lines asks for: from the lists that are there, with fresh ones if need be.
install_missing() {
  local prefix="$1"
  if choose_packages; then
    say "installing ${packages_to_install[*]}"
    install_packages "${prefix}" "${packages_to_install[@]}" && return 0
  fi
  refresh_package_lists "${prefix}"
  choose_packages || fail "this distribution's archive does not offer, or could not be reached for:" \
    "${unavailable[@]}" "Debian 12, Ubuntu 24.04 and later have them all. Is there a network?"
  say "installing ${packages_to_install[*]}"
  install_packages "${prefix}" "${packages_to_install[@]}" ||
    fail "apt could not install: ${packages_to_install[*]}" \
      "Without a network, install them from your own mirror and run this again."
}

ensure_host_packages() {
  local prefix
  collect_missing
  [[ ${#missing_lines[@]} -eq 0 ]] && return 0
  is_debian_like || fail \
    "this is not a Debian-like system ($(distribution)), so it cannot install what is missing:" \
    "${missing_names[@]}" "(Debian's names.) Install their equivalents and run this again."
  prefix="$(root_prefix)" || fail "neither root nor sudo, so it cannot install what is missing:" \
    "${missing_names[@]}" "Ask someone who can: apt-get install <these packages>."
  install_missing "${prefix}"
  collect_missing
  [[ ${#missing_lines[@]} -eq 0 ]] || fail "still missing after the installation:" \
    "${missing_names[@]}"
}
