# llama.cpp's own programs beside ours, for side-by-side measurements: unpacked next to the private
# runtime, run through small wrappers in .deps/peers.

peer_package=llama.cpp-tools

# Same version as the runtime's libllama, since the programs use its private libraries.
unpack_peers() { # runtime-directory
  local runtime="$1" version file staging
  version="$(runtime_version "${runtime}")"
  update_archive
  [[ "$(archive_version "${peer_package}")" == "${version}" ]] || fail \
    "Debian testing has moved on from libllama ${version}; run scripts/setup.sh --refresh --peers"
  file="$(download_from_archive "${peer_package}=${version}")"
  staging="$(mktemp -d "${runtime_dir}/unpacking.XXXXXX")"
  dpkg-deb -x "${file}" "${staging}"
  prepare_peer_loader "${runtime}" "${staging}"
  chmod 755 "${staging}"
  mv -T "${staging}" "${runtime}/peers"
}

# libggml looks for its back ends beside the running executable. Started through a loader, that is
# the loader: so a copy of it is put into a folder together with links to the back ends.
prepare_peer_loader() { # runtime-directory peers-directory
  local libraries="$1/root/usr/lib/$(triplet)" start="$2/start" plugin
  mkdir "${start}"
  cp "$(ls "${libraries}"/ld-linux*.so.*)" "${start}/loader"
  for plugin in "${libraries}"/ggml/backends0/*.so; do
    ln -s "../../root/usr/lib/$(triplet)/ggml/backends0/$(basename "${plugin}")" "${start}/"
  done
}

triplet() { # the folder name that Debian gives this architecture's libraries
  case "$(dpkg --print-architecture)" in
    amd64) echo x86_64-linux-gnu ;;
    arm64) echo aarch64-linux-gnu ;;
  esac
}

write_peer_wrappers() { # runtime-directory
  local runtime="$1" program name libraries="$1/root/usr/lib/$(triplet)"
  mkdir -p "${clone_dir}/.deps/peers"
  for program in "${runtime}"/peers/usr/bin/llama-*; do
    name="$(basename "${program}")"
    cat >"${clone_dir}/.deps/peers/${name}" <<TEXT
#!/bin/sh
exec "${runtime}/peers/start/loader" --argv0 "${name}" \\
  --library-path "${libraries}:${runtime}/peers/usr/lib/$(triplet):${runtime}/peers/usr/lib/$(triplet)/llama" \\
  "${program}" "\$@"
TEXT
    chmod 755 "${clone_dir}/.deps/peers/${name}"
  done
}

ensure_peers() {
  local runtime
  runtime="$(linked_runtime)" || fail \
    "--peers needs the private runtime: scripts/setup.sh --private --peers"
  [[ -d "${runtime}/peers" ]] || unpack_peers "${runtime}"
  write_peer_wrappers "${runtime}"
  say "llama.cpp's programs in .deps/peers"
}
