# Finds libllama and defines turbospec_llama_runtime: headers, libraries, for a private runtime its
# own loader, and TURBOSPEC_GGML_BACKENDS, the folder of ggml's back ends where it is known.
# Looks in TURBOSPEC_LLAMA_ROOT, then .deps/root (scripts/setup.sh), then the system, and takes the
# first that is there; a libllama whose API does not fit is refused by name (LlamaApi.cmake).

include("${CMAKE_CURRENT_LIST_DIR}/LlamaApi.cmake")

# Sets llama_include, llama_library_dir and llama_is_private for an unpacked Debian tree (ROOT/usr,
# perhaps with its own C library) or an install prefix (ROOT/include, ROOT/lib).
macro(turbospec_llama_in_root root)
  # A binary must keep the very libraries it was compiled for, so no symlink goes into its rpath.
  get_filename_component(llama_root "${root}" REALPATH BASE_DIR "${PROJECT_SOURCE_DIR}")
  unset(llama_include)
  foreach(prefix "${llama_root}/usr" "${llama_root}")
    if(EXISTS "${prefix}/include/llama.h" AND NOT DEFINED llama_include)
      set(llama_include "${prefix}/include")
      set(llama_prefix "${prefix}")
    endif()
  endforeach()
  if(NOT DEFINED llama_include)
    message(FATAL_ERROR "No libllama in ${root}: it has neither usr/include/llama.h nor "
                        "include/llama.h. Run `make setup`, or correct TURBOSPEC_LLAMA_ROOT.")
  endif()
  set(llama_library_dir "${llama_prefix}/lib")
  foreach(folder "lib/${CMAKE_LIBRARY_ARCHITECTURE}" lib64)
    if(EXISTS "${llama_prefix}/${folder}/libllama.so")
      set(llama_library_dir "${llama_prefix}/${folder}")
    endif()
  endforeach()
  file(GLOB llama_loader "${llama_library_dir}/ld-linux*.so.*")
endmacro()

macro(turbospec_llama_in_system)
  find_path(TURBOSPEC_SYSTEM_LLAMA_INCLUDE llama.h)
  find_library(TURBOSPEC_SYSTEM_LLAMA_LIBRARY llama)
  mark_as_advanced(TURBOSPEC_SYSTEM_LLAMA_INCLUDE TURBOSPEC_SYSTEM_LLAMA_LIBRARY)
  if(NOT TURBOSPEC_SYSTEM_LLAMA_INCLUDE OR NOT TURBOSPEC_SYSTEM_LLAMA_LIBRARY)
    message(FATAL_ERROR "libllama was not found. Run `make setup`, which finds or fetches it; or "
                        "give one of your own with -DTURBOSPEC_LLAMA_ROOT=<prefix>; or build "
                        "without it: -DTURBOSPEC_LLAMA=OFF.")
  endif()
  set(llama_include "${TURBOSPEC_SYSTEM_LLAMA_INCLUDE}")
  get_filename_component(llama_library_dir "${TURBOSPEC_SYSTEM_LLAMA_LIBRARY}" DIRECTORY)
  set(llama_loader "")
endmacro()

add_library(turbospec_llama_runtime INTERFACE)
if(TURBOSPEC_LLAMA_ROOT)
  turbospec_llama_in_root("${TURBOSPEC_LLAMA_ROOT}")
  set(llama_kind "TURBOSPEC_LLAMA_ROOT")
elseif(EXISTS "${PROJECT_SOURCE_DIR}/.deps/root/usr/include/llama.h")
  turbospec_llama_in_root("${PROJECT_SOURCE_DIR}/.deps/root")
  set(llama_kind "private runtime")
else()
  turbospec_llama_in_system()
  set(llama_kind "system")
endif()
# A runtime that is refreshed under the link must lead to a new configuration.
if(EXISTS "${llama_library_dir}/pkgconfig/llama.pc")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/.deps/root" "${llama_library_dir}/pkgconfig/llama.pc")
endif()

set(llama_link_options "")
set(llama_libraries "${llama_library_dir}/libllama.so" "${llama_library_dir}/libggml.so"
                    "${llama_library_dir}/libggml-base.so")
if(llama_loader)
  # libllama carries its own RUNPATH, so every library it needs is made a direct dependency of the
  # executable; and a newer C library works only under its own loader.
  list(APPEND llama_libraries "${llama_library_dir}/libgomp.so.1" "${llama_library_dir}/libm.so.6")
  list(PREPEND llama_libraries -Wl,--no-as-needed)
  set(llama_link_options
    -Wl,--allow-shlib-undefined -Wl,--disable-new-dtags,-rpath,${llama_library_dir}
    -Wl,--dynamic-linker=${llama_loader})
elseif(TURBOSPEC_LLAMA_ROOT)
  set(llama_link_options -Wl,--disable-new-dtags,-rpath,${llama_library_dir})
endif()

turbospec_check_llama_api("${llama_include}" "${llama_library_dir}" "${llama_link_options}"
                          "${llama_libraries}" "${llama_kind}")

# As SYSTEM, except for the compiler's own default folder, which must keep its place in the search.
if(NOT llama_include IN_LIST CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
  target_include_directories(turbospec_llama_runtime SYSTEM INTERFACE "${llama_include}")
endif()
target_link_options(turbospec_llama_runtime INTERFACE ${llama_link_options})
target_link_libraries(turbospec_llama_runtime INTERFACE ${llama_libraries})
if(IS_DIRECTORY "${llama_library_dir}/ggml/backends0")
  target_compile_definitions(turbospec_llama_runtime INTERFACE
    TURBOSPEC_GGML_BACKENDS="${llama_library_dir}/ggml/backends0")
endif()
