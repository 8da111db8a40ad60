#!/usr/bin/env bash
# Makes a clone ready to build: the packages of a Debian-like host, and libllama (the system's where
# it fits, else a private runtime that leaves the system as it is; see HACKING.md).
# Safe to run again at any time; when nothing is missing it takes a blink and no network.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: scripts/setup.sh [--lint] [--refresh] [--private] [--peers] [--no-llama] [--stale-days N]

  --lint      also install clang-format and clang-tidy (make check, make format)
  --refresh   look for a newer libllama even when one is already here
  --private   take the private runtime even where the system's libllama fits
  --peers     also fetch llama-server, llama-bench, … for side-by-side runs into .deps/peers
  --no-llama  host packages only (build with -DTURBOSPEC_LLAMA=OFF)
  --stale-days N
              accept a mirror's index up to N days old, though apt calls it expired; signatures are
              checked all the same. For mirrors that lag; 0 (the default) leaves it to apt

Environment:
  XDG_CACHE_HOME          where runtimes and downloads are kept (default ~/.cache), below turbospec/
  TURBOSPEC_LLAMA_ROOT    your own libllama; no runtime is then fetched
  TURBOSPEC_DEBIAN_URI    Debian mirror for the private runtime (default: the one apt is set up with)
  TURBOSPEC_STALE_DAYS    the same as --stale-days
  TURBOSPEC_INCLUDE_DIRS  where installed headers are looked for, separated by colons
  TURBOSPEC_OS_RELEASE    file that names the distribution (default /etc/os-release)
TEXT
}

clone_dir="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# shellcheck source-path=SCRIPTDIR
for part in messages host_packages archive private_runtime peers; do
  source "${clone_dir}/scripts/setup/${part}.sh"
done

want_lint=no want_refresh=no want_private=no want_peers=no want_llama=yes
stale_days="${TURBOSPEC_STALE_DAYS:-0}"
while [[ $# -gt 0 ]]; do
  case "$1" in
    --lint) want_lint=yes ;;
    --refresh) want_refresh=yes ;;
    --private) want_private=yes ;;
    --peers) want_peers=yes ;;
    --no-llama) want_llama=no ;;
    --stale-days=*) stale_days="${1#*=}" ;;
    --stale-days) [[ $# -ge 2 ]] || fail "--stale-days wants a number of days"
      stale_days="$2"; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "unknown option: $1" ;;
  esac
  shift
done
[[ "${stale_days}" =~ ^[0-9]{1,4}$ ]] || fail "--stale-days wants a number of days"

ensure_host_packages
if [[ "${want_llama}" == yes ]]; then
  ensure_libllama
fi
if [[ "${want_peers}" == yes ]]; then
  ensure_peers
fi
