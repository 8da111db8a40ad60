# Measures C++ functions, from the first line of the declaration to the closing brace, and prints
# those over `limit` lines; exits 1 if there was one. With -v list=1 prints every function.
# Not a parser: it follows braces and looks at the text before each opening one (the head).
# An opening brace is
#   a scope   after namespace, class, struct, union, enum or extern "C": functions are looked for in it
#   a value   after "=", "," or directly after a name or ">" ("x{1}"): an initialiser
#   a function when its head has a parenthesis; whatever it holds is its body
# Braces in strings, raw strings, characters and comments do not count.

# Takes comments and literals out of a line; state runs over lines in in_comment and raw_end.
function bare(line,    out, c, two, i, at, opening) {
  out = ""
  for (i = 1; i <= length(line); ++i) {
    if (raw_end != "") {
      at = index(substr(line, i), raw_end)
      if (at == 0) return out
      i += at + length(raw_end) - 2
      raw_end = ""
      continue
    }
    if (in_comment) {
      at = index(substr(line, i), "*/")
      if (at == 0) return out
      i += at
      in_comment = 0
      continue
    }
    c = substr(line, i, 1)
    two = substr(line, i, 2)
    if (two == "//") return out
    if (two == "/*") { in_comment = 1; ++i; continue }
    if (two == "R\"") {
      opening = substr(line, i + 2)
      sub(/\(.*/, "", opening)
      raw_end = ")" opening "\""
      i += length(opening) + 2
      out = out "_"
      continue
    }
    # An apostrophe inside a number (1'000) opens nothing.
    if (c == "\"" || (c == "'" && substr(line, i - 1, 1) !~ /[0-9a-fA-F]/)) {
      i = end_of_literal(line, i, c)
      out = out "_"
      continue
    }
    out = out c
  }
  return out
}

function end_of_literal(line, i, quote) {
  for (++i; i <= length(line); ++i) {
    if (substr(line, i, 1) == "\\") ++i
    else if (substr(line, i, 1) == quote) return i
  }
  return i
}

# Takes "template <…>" off the front, however deep its angles nest; inside parentheses they compare.
function without_template(text,    i, depth, parens, c) {
  while (text ~ /^[ \t]*template[ \t]*</) {
    depth = parens = 0
    for (i = index(text, "<"); i <= length(text); ++i) {
      c = substr(text, i, 1)
      if (c == "(") ++parens
      if (c == ")") --parens
      if (c == "<" && !parens) ++depth
      if (c == ">" && !parens && --depth == 0) break
    }
    text = substr(text, i + 1)
  }
  return text
}

function kind_of(text, last,    head_text) {
  head_text = without_template(text)
  if (head_text ~ /^[ \t]*(inline[ \t]+)?(namespace|class|struct|union|enum)([ \t]|$)/ &&
      head_text !~ /=[ \t]*$/ && head_text !~ /\)[ \t]*(const)?[ \t]*$/) return "scope"
  if (head_text ~ /^[ \t]*(typedef[ \t]+)(struct|union|enum)/) return "scope"
  if (head_text ~ /^[ \t]*extern[ \t]+_[ \t]*$/) return "scope"
  if (last ~ /[A-Za-z0-9_>]/ && head_text !~ /\)[ \t]*[a-z]*$/) return "value"
  if (head_text ~ /[=,(][ \t]*$/) return "value"
  return head_text ~ /\(/ ? "function" : "value"
}

function open_brace(last) {
  ++depth
  if (function_depth) return
  kind[depth] = kind_of(head, last)
  saved_head[depth] = head
  saved_start[depth] = head_start
  if (kind[depth] == "function") function_depth = depth
  if (kind[depth] == "scope") head = ""
}

function close_brace(    lines, name) {
  if (depth == function_depth && depth > 0) {
    lines = FNR - saved_start[depth] + 1
    name = saved_head[depth]
    gsub(/[ \t]+/, " ", name)
    ++functions
    if (list) print lines "\t" FILENAME ":" saved_start[depth] "\t" name
    if (lines > limit) {
      print FILENAME ":" saved_start[depth] ": " lines " lines:" substr(name, 1, 100)
      ++too_long
    }
    function_depth = 0
    head = ""
  } else if (!function_depth) {
    # After an initialiser the declaration goes on; after a scope a new one begins.
    head = kind[depth] == "value" ? saved_head[depth] "_" : ""
    head_start = saved_start[depth]
  }
  if (depth > 0) --depth
}

FNR == 1 {
  if (depth) { print last_file ": braces do not balance, so its functions were not measured"; ++too_long }
  depth = function_depth = in_comment = in_directive = 0
  head = raw_end = ""
  last_file = FILENAME
}

# Preprocessor lines with their continuations.
!in_comment && raw_end == "" && (in_directive || /^[ \t]*#/) { in_directive = /\\$/; next }

{
  text = bare($0)
  for (k = 1; k <= length(text); ++k) {
    ch = substr(text, k, 1)
    if (ch == "{") {
      open_brace(k > 1 ? substr(text, k - 1, 1) : " ")
    } else if (ch == "}") {
      close_brace()
    } else if (function_depth) {
      continue
    } else if (ch == ";" || (ch == ":" && head ~ /^(public|private|protected)$/)) {
      head = ""
    } else {
      if (head == "" && ch !~ /[ \t]/) head_start = FNR
      if (head != "" || ch !~ /[ \t]/) head = head ch
    }
  }
  if (!function_depth && head != "") head = head " "
}

END {
  if (depth) { print last_file ": braces do not balance, so its functions were not measured"; ++too_long }
  print functions + 0 " functions, " (too_long ? too_long : "none") " over " limit " lines"
  exit too_long > 0
}
