#!/bin/sh
# scripts/setup.sh on hosts where it cannot do its work: it must name what is missing and say what to
# do, and never reach for anything. The hosts are made up: a PATH with stand-ins only.
# usage: setup_messages_test.sh ROOT SCRATCH
set -u
root="$(cd "$1" && pwd)"
scratch="$2"
rm -rf "$scratch"
mkdir -p "$scratch/bin" "$scratch/empty" "$scratch/home"

for tool in bash env sed tr grep awk cat dirname basename readlink ls mkdir rm sort head cut; do
  ln -s "$(command -v $tool)" "$scratch/bin/$tool"
done
stand_in() { # name, script
  rm -f "$scratch/bin/$1"
  printf '#!/bin/sh\n%s\n' "$2" >"$scratch/bin/$1"
  chmod +x "$scratch/bin/$1"
}

failures=0
expect() { # case, then phrases that must all be said, with exit status 1
  name="$1"
  shift
  said="$(env -i HOME="$scratch/home" PATH="$scratch/bin" TURBOSPEC_INCLUDE_DIRS="$scratch/empty" \
    TURBOSPEC_OS_RELEASE="$scratch/os-release" bash "$root/scripts/setup.sh" $flags 2>&1)"
  status=$?
  for phrase in "$@"; do
    case "$said" in
      *"$phrase"*) [ $status -eq 1 ] && continue ;;
    esac
    printf '%s: exit status %s, expected "%s" in:\n%s\n' "$name" "$status" "$phrase" "$said"
    failures=$((failures + 1))
    return
  done
  printf '%s: as it should be\n' "$name"
}

flags=""
stand_in id 'echo 1000'
echo 'ID=fedora' >"$scratch/os-release"
expect "unknown distribution" "not a Debian-like system (fedora" "nlohmann-json3-dev" "g++"

rm "$scratch/os-release"
expect "no os-release at all" "not a Debian-like system ("

printf 'ID=ubuntu\nID_LIKE=debian\n' >"$scratch/os-release"
stand_in apt-get 'echo "apt-get must not run" >&2; exit 100'
expect "neither root nor sudo" "neither root nor sudo" "libboost-dev or libboost1.88-dev" "apt-get install"
case "$said" in *"must not run"*) echo "apt-get ran without root"; failures=$((failures + 1)) ;; esac

stand_in id 'echo 0'
stand_in apt-get 'echo "Temporary failure resolving" >&2; exit 100'
stand_in apt-cache 'printf "x:\n  Candidate: (none)\n"'
expect "root, but no network and no lists" "could not be reached for" "libgtest-dev" "Is there a network?"

stand_in apt-cache 'printf "x:\n  Candidate: 1.83\n"'
stand_in dpkg 'exit 1'
expect "root, lists, but no network" "apt could not install: g++ cmake"

flags="--stale-days soon"
expect "nonsense for an option" "wants a number of days"
flags="--frobnicate"
expect "unknown option" "unknown option: --frobnicate"

[ "$failures" -eq 0 ]
