# Reads the table of floors, then lines "path:number:#include …"; prints each include that the table
# does not allow and exits 1 if there was one. An allowed header is: standard C++ or C, one of the
# same folder, one of a folder that the table names, or one that matches the table's patterns.

function glob_matches(pattern, name) {
  gsub(/\./, "[.]", pattern)
  gsub(/\+/, "[+]", pattern)
  gsub(/\*/, ".*", pattern)
  return name ~ ("^" pattern "$")
}

function any_matches(patterns, name,    list, n, i) {
  n = split(patterns, list, " ")
  for (i = 1; i <= n; ++i) {
    if (list[i] == "*" || glob_matches(list[i], name)) return 1
    if (list[i] == "posix" && any_matches(posix, name)) return 1
  }
  return 0
}

# The longest folder of the table that holds a path; "" when there is none.
function folder_of(path,    folder, best) {
  best = ""
  for (folder in floor) {
    if (index(path, folder "/") == 1 && length(folder) > length(best)) best = folder
  }
  return best
}

# Where a quoted header lives: "turbospec/x.h" below include/, all others below src/ or at the top.
function home_of(header,    home) {
  home = folder_of("include/" header)
  if (home == "") home = folder_of("src/" header)
  if (home == "") home = folder_of(header)
  return home
}

# The name by which the table's lists call a folder: src/model/llama → model/llama.
function short_name(folder) {
  sub(/^(src|include)\//, "", folder)
  return folder
}

function complain(why) {
  print place ": " why ": " header
  ++complaints
}

function check_own(from, to, is_test) {
  if (from == to) return
  if (floor[to] > floor[from] || (floor[to] == floor[from] && index(from, to "/") != 1 && !is_test)) {
    complain(short_name(from) " (floor " floor[from] ") may not include from " short_name(to) \
             " (floor " floor[to] ")")
  } else if (!is_test && folders[from] != "*" && \
             !any_matches(folders[from], short_name(to))) {
    complain("the table of floors does not let " short_name(from) " include from " short_name(to))
  }
}

function check_other(from, is_test,    i) {
  for (i = 1; i <= reserved_count; ++i) {
    if (!any_matches(reserved[i], header)) continue
    if (!any_matches(keepers[i], from)) complain("only " keepers[i] " may include this")
    return
  }
  if (header ~ /^[a-z_0-9]+$/) return                               # standard C++
  if (header ~ /^(assert|errno|float|inttypes|limits|math|stddef|stdint|stdio|stdlib|string|time)\.h$/) return
  if (is_test && header ~ /^(gtest|gmock)\//) return
  if (path ~ /_benchmark\.cc$/ && header ~ /^benchmark\//) return
  if (!any_matches(others[from], header)) complain(short_name(from) " may not use this library")
}

FNR == NR && (/^[ \t]*#/ || NF == 0) { next }
FNR == NR && $1 == "posix" { sub(/^posix +/, ""); posix = $0; next }
FNR == NR && $1 == "outside" { outside[$2]; next }
FNR == NR && $1 == "only" {
  sub(/^only +/, "")
  split($0, half, / *: */)
  reserved[++reserved_count] = half[1]
  keepers[reserved_count] = half[2]
  next
}
FNR == NR {
  split($0, column, / *\| */)
  split(column[1], first, " ")
  floor[first[1]] = first[2] + 0
  folders[first[1]] = column[2]
  others[first[1]] = column[3]
  next
}

{
  path = $0
  sub(/:.*/, "", path)
  top = path
  sub(/\/.*/, "", top)
  if (top in outside) next
  place = $0
  sub(/:[ \t]*#.*/, "", place)
  header = $0
  sub(/^[^<"]*[<"]/, "", header)
  sub(/[>"].*/, "", header)
  ++includes
  from = folder_of(path)
  is_test = path ~ /_(test\.cc|fixture\.(h|cc))$/
  if (from == "") {
    complain("this folder is on no floor; give it a line in floors.txt")
  } else if ($0 ~ /include[ \t]*"/) {
    to = home_of(header)
    if (to == "") complain("no such folder of ours")
    else check_own(from, to, is_test)
  } else {
    check_other(from, is_test)
  }
}

END {
  if (includes == 0) { print "no #include found: wrong folder?"; exit 1 }
  if (complaints) { print complaints " of " includes " includes go the wrong way"; exit 1 }
  print includes " includes, all downwards"
}
