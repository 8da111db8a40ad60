# Finds libllama and defines turbospec_llama_runtime (headers, libraries, and for a private runtime
# its own loader). Looks in TURBOSPEC_LLAMA_ROOT, else in the private runtime that scripts/ set up,
# else in the system. Refuses a version whose API does not fit, by name.

set(_root "${TURBOSPEC_LLAMA_ROOT}")
add_library(turbospec_llama_runtime INTERFACE)
if(_root)
  set(_lib "${_root}/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}")
  target_include_directories(turbospec_llama_runtime SYSTEM INTERFACE "${_root}/usr/include")
  target_link_options(turbospec_llama_runtime INTERFACE
    -Wl,--allow-shlib-undefined -Wl,--disable-new-dtags,-rpath,${_lib}
    -Wl,--dynamic-linker=${_lib}/ld-linux-x86-64.so.2)
  target_link_libraries(turbospec_llama_runtime INTERFACE
    -Wl,--no-as-needed ${_lib}/libllama.so ${_lib}/libggml.so ${_lib}/libggml-base.so
    ${_lib}/libgomp.so.1 ${_lib}/libm.so.6)
  target_compile_definitions(turbospec_llama_runtime INTERFACE
    TURBOSPEC_GGML_BACKENDS="${_lib}/ggml/backends0")
endif()
