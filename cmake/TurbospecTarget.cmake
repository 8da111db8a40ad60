# One way to declare a folder's library, its tests and its programs, so that warnings, sanitizers
# and the choice of runtime are the same everywhere.

add_library(turbospec_options INTERFACE)
target_compile_options(turbospec_options INTERFACE -Wall -Wextra -Wpedantic -Werror
  # Older g++ sees an overlap in "literal" + std::string that cannot be (GCC bug 105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
if(TURBOSPEC_SANITIZE)
  target_compile_options(turbospec_options INTERFACE
    -fsanitize=${TURBOSPEC_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(turbospec_options INTERFACE -fsanitize=${TURBOSPEC_SANITIZE})
endif()

# turbospec_library(NAME SOURCES a.cc … USES lib …): static library turbospec_NAME; headers are
# included by their path below src/ ("core/result.h").
function(turbospec_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  set(target turbospec_${name})
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${target} PUBLIC ${ARG_USES} PRIVATE turbospec_options)
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${target} INTERFACE ${ARG_USES})
  endif()
endfunction()

# turbospec_test(NAME SOURCES a_test.cc … USES lib …): one test program, one entry in ctest.
# LABELS, TIMEOUT and ENVIRONMENT go to ctest.
function(turbospec_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;USES;LABELS;ENVIRONMENT" ${ARGN})
  set(target ${name}_test)
  add_executable(${target} ${ARG_SOURCES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE ${ARG_USES} turbospec_options GTest::gtest_main)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND ${target})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  if(ARG_LABELS)
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}")
    # ggml's threads spin at barriers: two such tests side by side take many times as long.
    if("llama" IN_LIST ARG_LABELS)
      set_tests_properties(${name} PROPERTIES RUN_SERIAL TRUE)
    endif()
  endif()
  if(ARG_ENVIRONMENT)
    set_tests_properties(${name} PROPERTIES ENVIRONMENT "${ARG_ENVIRONMENT}")
  endif()
endfunction()
