# Builds text files into a library, so that the program carries them with it.
#
# turbospec_embed_text(TARGET SYMBOL FILE): defines `extern const std::string_view SYMBOL` in
# namespace turbospec, with the file's text. Made anew at build time when the file changes. The same
# file is the script that does it: cmake -DINPUT=… -DOUTPUT=… -DSYMBOL=… -P EmbedText.cmake

if(CMAKE_SCRIPT_MODE_FILE)
  file(READ "${INPUT}" text)
  # A raw string literal ends at its delimiter only; a compiler may refuse one over 64 KiB.
  string(LENGTH "${text}" length)
  if(text MATCHES "\\)EMBEDDED\"" OR length GREATER 65000)
    message(FATAL_ERROR "${INPUT} cannot be embedded: too long, or it holds )EMBEDDED\"")
  endif()
  file(WRITE "${OUTPUT}" "#include <string_view>
namespace turbospec {
extern const std::string_view ${SYMBOL};
const std::string_view ${SYMBOL} = R\"EMBEDDED(${text})EMBEDDED\";
}  // namespace turbospec
")
  return()
endif()

set(TURBOSPEC_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

function(turbospec_embed_text target symbol input)
  get_filename_component(input "${input}" ABSOLUTE)
  set(output "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cc")
  add_custom_command(OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" "-DINPUT=${input}" "-DOUTPUT=${output}" "-DSYMBOL=${symbol}"
      -P "${TURBOSPEC_EMBED_SCRIPT}"
    DEPENDS "${input}" "${TURBOSPEC_EMBED_SCRIPT}" VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
