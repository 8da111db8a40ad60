#!/bin/sh
# Checks the size gates: no source file over 400 lines, no C++ function over 80.
# usage: sizes.sh ROOT [FILE_LINES FUNCTION_LINES]
set -u
file_lines="${2:-400}"
function_lines="${3:-80}"
here="$(cd "$(dirname "$0")" && pwd)"
cd "$1" || exit 2
. "$here/own_files.sh"

status=0
own_files '*.cc' '*.h' '*.sh' '*.awk' '*.cmake' CMakeLists.txt '*.py' '*.js' '*.css' '*.html' |
  xargs awk -v limit="$file_lines" '
    FNR == 1 { ++files }
    FNR == limit + 1 { print FILENAME ": over " limit " lines"; ++long }
    END {
      if (files == 0) { print "no source file found: wrong folder?"; exit 1 }
      print files " files, " (long ? long : "none") " over " limit " lines"
      exit long > 0
    }' /dev/null || status=1
own_files '*.cc' '*.h' | xargs awk -v limit="$function_lines" -f "$here/function_lengths.awk" /dev/null || status=1
exit $status
