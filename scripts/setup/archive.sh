# Debian testing seen through the host's own apt, with its signature check, but with lists, caches
# and configuration of our own: nothing of the system's apt is read except its mirror and its proxy
# settings, and nothing of it is written.

archive_dir="${XDG_CACHE_HOME:-${HOME}/.cache}/turbospec/archive"
archive_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[[ -r "${archive_keyring%.gpg}.pgp" ]] && archive_keyring="${archive_keyring%.gpg}.pgp" # newer keyring packages

# The mirror: what apt itself says it uses for a Debian suite, whatever the format of its sources.
debian_mirror() {
  local uri=""
  if [[ " $(distribution) " == *" debian "* ]]; then
    uri="$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' \
      2>/dev/null | awk '$2 == "main" && $1 ~ /\/debian\/?$/ { print $1; exit }')" || uri=""
  fi
  printf '%s\n' "${TURBOSPEC_DEBIAN_URI:-${uri:-http://deb.debian.org/debian}}"
}

ensure_archive_keyring() {
  local prefix
  [[ -r "${archive_keyring}" ]] && return 0
  prefix="$(root_prefix)" || fail "Debian's archive keys are missing: ${archive_keyring}" \
    "Ask someone with root to install the package debian-archive-keyring, then run this again."
  missing_lines=("file ${archive_keyring} debian-archive-keyring")
  install_missing "${prefix}"
}

# Of the host's settings only transport and how old an index may be are taken over (signatures are
# always checked): its hooks after an update clean and index the system, and its pins and default
# release know nothing of this archive.
inherited='^Acquire::(http|https|Retries|ForceIPv|Check-Valid-Until|Check-Date|M[a-z]*-ValidTime)'

write_archive_configuration() {
  mkdir -p "${archive_dir}"/{sources,lists/partial,cache/archives/partial,debs,none}
  printf 'Types: deb\nURIs: %s\nSuites: testing\nComponents: main\nSigned-By: %s\n' \
    "$(debian_mirror)" "${archive_keyring}" >"${archive_dir}/sources/testing.sources"
  (
    umask 077 # a proxy setting may hold a password
    {
      env -u APT_CONFIG apt-config dump | grep -E "${inherited}" || true
      cat <<TEXT
Dir::Etc::main "/dev/null";
Dir::Etc::parts "${archive_dir}/none";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "${archive_dir}/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "${archive_dir}/none";
Dir::State::lists "${archive_dir}/lists";
Dir::Cache "${archive_dir}/cache";
APT::Sandbox::User "$(id -un)";
APT::Update::Error-Mode "any";
APT::Architecture "$(dpkg --print-architecture)";
APT::Architectures { "$(dpkg --print-architecture)"; };
Acquire::Languages "none";
Acquire::GzipIndexes "true";
TEXT
      if [[ "${stale_days}" -gt 0 ]]; then
        echo "Acquire::Min-ValidTime \"$((stale_days * 86400))\";"
      fi
    } >"${archive_dir}/apt.conf"
  )
}

in_archive() { LC_ALL=C APT_CONFIG="${archive_dir}/apt.conf" "$@"; }

update_archive() {
  local answer
  ensure_archive_keyring
  write_archive_configuration
  say "reading the index of Debian testing at $(debian_mirror)"
  if grep -qiE '::Check-(Valid-Until|Date) "?(false|no|0|off)' "${archive_dir}/apt.conf"; then
    say "apt on this host is set not to check the age of an index, so it is not checked here either"
  fi
  answer="$(in_archive apt-get update -qq 2>&1)" && return 0
  printf '%s\n' "${answer}" >&2
  # An index past its date may be an old one replayed to hide a security update: refused unless asked.
  [[ "${answer}" != *"is expired"* ]] || fail \
    "the mirror's index of Debian testing is out of date (see above), so apt does not trust it." \
    "Use a fresher mirror (TURBOSPEC_DEBIAN_URI), or accept an index up to N days old:" \
    "scripts/setup.sh --stale-days N (TURBOSPEC_STALE_DAYS=N). Signatures are checked all the same."
  fail "the index of Debian testing could not be read or its signature did not verify." \
    "It is needed once, for libllama. Is there a network? Is debian-archive-keyring current?" \
    "Without it: build with LLAMA=OFF (make test LLAMA=OFF), or set TURBOSPEC_LLAMA_ROOT."
}

archive_version() { # package
  in_archive apt-cache policy "$1" | sed -n 's/^  Candidate: //p' | grep -v '^(none)$'
}

# Downloads packages given as name=version; prints the file of each.
download_from_archive() {
  local package name version
  (cd "${archive_dir}/debs" && in_archive apt-get download -qq "$@" >&2) ||
    fail "could not download: $*" "Run this again; what has arrived is kept."
  for package in "$@"; do
    name="${package%%=*}" version="${package#*=}"
    printf '%s\n' "${archive_dir}/debs/${name}_${version//:/%3a}_$(dpkg --print-architecture).deb"
  done
}
