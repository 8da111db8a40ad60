# Does this libllama offer what the adapter uses? llama_api.cc names each need; all of them are
# compiled and run at once, and only if that fails one by one, to name the missing ones.

# needs of the adapter: struct fields, calls, constants. Each has its lines in llama_api.cc.
set(TURBOSPEC_LLAMA_NEEDS
  version load_mode kv_unified n_outputs_max flash_attn memory_seq_rm logits_ith n_reused
  backend_path model_kind grammar)

# Prints what went wrong, with the compiler's words for those who want to know more.
function(turbospec_refuse_llama include_dir version)
  set(missing "")
  set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
  foreach(need IN LISTS TURBOSPEC_LLAMA_NEEDS)
    string(TOUPPER "NEED_${need}" macro)
    try_compile(fits "${PROJECT_BINARY_DIR}/llama_api/${need}"
      "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/llama_api.cc"
      COMPILE_DEFINITIONS -D${macro}
      CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${include_dir}"
      CXX_STANDARD 20)
    if(NOT fits)
      list(APPEND missing ${need})
    endif()
    unset(fits CACHE)
  endforeach()
  if(missing)
    list(JOIN missing ", " missing)
    message(FATAL_ERROR "libllama ${version} at ${include_dir} does not fit: needs 0.7.x API "
                        "(missing ${missing})")
  endif()
  message(FATAL_ERROR "libllama ${version} at ${include_dir} has the API, but a program that uses "
                      "it does not link or start:\n${ARGN}")
endfunction()

function(turbospec_packaged_llama_version library_dir out)
  set(version "of unknown version")
  if(EXISTS "${library_dir}/pkgconfig/llama.pc")
    file(STRINGS "${library_dir}/pkgconfig/llama.pc" line REGEX "^Version:" LIMIT_COUNT 1)
    string(REGEX REPLACE "^Version: *" "" version "${line}")
  endif()
  set(${out} "${version}" PARENT_SCOPE)
endfunction()

# Checks once per libllama (the answer is remembered until another one is found) and says which it is.
function(turbospec_check_llama_api include_dir library_dir link_options libraries kind)
  turbospec_packaged_llama_version("${library_dir}" packaged)
  file(SHA256 "${include_dir}/llama.h" header)
  set(identity "${library_dir} ${packaged} ${header} ${TURBOSPEC_LLAMA_NEEDS}")
  if(NOT TURBOSPEC_LLAMA_CHECKED STREQUAL identity)
    unset(llama_runs CACHE)
    unset(llama_compiles CACHE)
    try_run(llama_runs llama_compiles "${PROJECT_BINARY_DIR}/llama_api/all"
      "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/llama_api.cc"
      COMPILE_DEFINITIONS -DNEED_ALL
      CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${include_dir}" -DCMAKE_CXX_STANDARD=20
      LINK_OPTIONS ${link_options} LINK_LIBRARIES ${libraries}
      COMPILE_OUTPUT_VARIABLE build_log RUN_OUTPUT_VARIABLE version)
    if(NOT llama_compiles OR NOT llama_runs EQUAL 0)
      turbospec_refuse_llama("${include_dir}" "${packaged}" "${build_log}${version}")
    endif()
    string(STRIP "${version}" version)
    set(TURBOSPEC_LLAMA_VERSION "${version}" CACHE INTERNAL "What llama_version() says")
    set(TURBOSPEC_LLAMA_CHECKED "${identity}" CACHE INTERNAL "The libllama that was found to fit")
  endif()
  message(STATUS "libllama ${TURBOSPEC_LLAMA_VERSION} (${kind})")
endfunction()
