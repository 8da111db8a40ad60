# libllama: the system's where a fitting one is installed or on offer, else a private runtime:
# binary packages of Debian testing with their own C library and loader, unpacked (not installed)
# below the cache and linked to as .deps/root. docs/decisions/0004-private-runtime.md says why.

libllama_minimum="1:0.7.0~" # older ones lack calls that the adapter makes; cmake checks the API itself
runtime_dir="${XDG_CACHE_HOME:-${HOME}/.cache}/turbospec/runtime"
runtime_packages=(libllama0 libllama-dev libggml0 libggml-dev libc6 libstdc++6 libgcc-s1 libgomp1
  libssl3t64 libzstd1 zlib1g)

version_fits() { [[ -n "${1:-}" ]] && dpkg --compare-versions "$1" ge "${libllama_minimum}"; }

installed_libllama() { dpkg-query -W -f '${Version}' libllama-dev 2>/dev/null; }

# True when the system has, or has just been given, a libllama that fits.
take_system_libllama() {
  local version prefix
  command -v dpkg >/dev/null || return 1
  if version="$(installed_libllama)" && version_fits "${version}"; then
    say "libllama ${version} of the system"
    return 0
  fi
  version="$(candidate_version libllama-dev)" && version_fits "${version}" || return 1
  prefix="$(root_prefix)" || return 1
  say "installing libllama-dev ${version}"
  install_packages "${prefix}" libllama-dev
}

runtime_is_complete() { [[ -f "$1/manifest" && -f "$1/root/usr/include/llama.h" ]]; }

# The runtime that this clone is linked to, by its own directory.
linked_runtime() {
  local root
  root="$(readlink -f "${clone_dir}/.deps/root" 2>/dev/null)" || return 1
  runtime_is_complete "$(dirname "${root}")" && dirname "${root}"
}

# The newest complete runtime in the cache (another clone may have fetched it).
cached_runtime() {
  local candidate
  while read -r candidate; do
    if runtime_is_complete "${candidate}"; then
      printf '%s\n' "${candidate}"
      return 0
    fi
  done < <(ls -1dt "${runtime_dir}"/libllama-*-"$(dpkg --print-architecture)"-* 2>/dev/null)
  return 1
}

# Replaces the link in one move, so that a build beside us never sees it gone.
link_runtime() {
  mkdir -p "${clone_dir}/.deps"
  ln -sfn "$1/root" "${clone_dir}/.deps/root.new"
  mv -T "${clone_dir}/.deps/root.new" "${clone_dir}/.deps/root"
  say "libllama $(runtime_version "$1") (private runtime $1)"
}

runtime_version() { sed -n 's/^libllama0=//p' "$1/manifest"; }

# Prints name=version for each package given.
versions_in_archive() {
  local package version
  for package in "$@"; do
    version="$(archive_version "${package}")" || fail "Debian testing has no package ${package} now." \
      "Try again later, or set TURBOSPEC_LLAMA_ROOT to a libllama of your own."
    printf '%s=%s\n' "${package}" "${version}"
  done
}

# The name of a runtime: readable, and different whenever any package differs.
runtime_key() { # name=version…
  local upstream digest
  upstream="$(printf '%s\n' "$@" | sed -n 's/^libllama0=\([0-9]*:\)\{0,1\}\([0-9.]*\).*/\2/p')"
  digest="$(printf '%s\n' "$@" | sha256sum | cut -c1-10)"
  printf 'libllama-%s-%s-%s\n' "${upstream}" "$(dpkg --print-architecture)" "${digest}"
}

# Unpacks aside and renames, so that a runtime is there whole or not at all.
unpack_runtime() { # target-directory name=version…
  local target="$1" staging file
  shift
  staging="$(mktemp -d "${runtime_dir}/unpacking.XXXXXX")"
  download_from_archive "$@" >"${staging}/files"
  mkdir "${staging}/root"
  while read -r file; do
    dpkg-deb -x "${file}" "${staging}/root" || fail "damaged package, delete it and retry: ${file}"
  done <"${staging}/files"
  rm "${staging}/files"
  printf '%s\n' "$@" >"${staging}/manifest"
  chmod 755 "${staging}"
  rm -rf "${target}"
  mv -T "${staging}" "${target}"
}

fetch_runtime() {
  local key
  local -a versions
  case "$(dpkg --print-architecture)" in
    amd64 | arm64) ;;
    *) fail "no private runtime for $(dpkg --print-architecture); set TURBOSPEC_LLAMA_ROOT" ;;
  esac
  mkdir -p "${runtime_dir}"
  exec 9>"${runtime_dir}/lock"
  flock 9
  rm -rf "${runtime_dir}"/unpacking.* # leftovers of a run that was cut short
  update_archive
  versions="$(versions_in_archive "${runtime_packages[@]}")"
  mapfile -t versions <<<"${versions}"
  key="$(runtime_key "${versions[@]}")"
  if ! runtime_is_complete "${runtime_dir}/${key}"; then
    say "fetching ${key} (${#versions[@]} packages)"
    unpack_runtime "${runtime_dir}/${key}" "${versions[@]}"
  fi
  rm -f "${archive_dir}"/cache/*.bin # apt's index of the index: 90 MB, rebuilt in a second
  link_runtime "${runtime_dir}/${key}"
  exec 9>&-
}

ensure_private_runtime() {
  local runtime
  if [[ "${want_refresh}" == no ]]; then
    runtime="$(linked_runtime)" && return 0
    runtime="$(cached_runtime)" && link_runtime "${runtime}" && return 0
  fi
  fetch_runtime
}

ensure_libllama() {
  if [[ -n "${TURBOSPEC_LLAMA_ROOT:-}" ]]; then
    say "libllama of TURBOSPEC_LLAMA_ROOT (${TURBOSPEC_LLAMA_ROOT})"
    return 0
  fi
  if [[ "${want_refresh}${want_private}" == nono ]] && linked_runtime >/dev/null; then return 0; fi
  if [[ "${want_private}" == no ]] && take_system_libllama; then return 0; fi
  is_debian_like || fail "no libllama here, and a private runtime needs apt." \
    "Set TURBOSPEC_LLAMA_ROOT to a libllama 0.7 of your own, or build with LLAMA=OFF."
  ensure_private_runtime
}
