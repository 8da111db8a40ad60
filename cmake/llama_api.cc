// The calls and fields of libllama that the adapter cannot do without, each under its own macro so
// that the configure step can name what a given libllama lacks. Built and run by LlamaApi.cmake
// only; prints the version of the library that it was really linked to.

#include <ggml-backend.h>
#include <llama.h>

#include <cstdio>

#if defined(NEED_VERSION) || defined(NEED_ALL)
const char* Version() { return llama_version(); }
#endif

#if defined(NEED_LOAD_MODE) || defined(NEED_ALL)
llama_model_params ModelParameters() {
  llama_model_params parameters = llama_model_default_params();
  parameters.load_mode = LLAMA_LOAD_MODE_MMAP;
  return parameters;
}
#endif

#if defined(NEED_KV_UNIFIED) || defined(NEED_ALL)
void SetKvUnified(llama_context_params& parameters) { parameters.kv_unified = false; }
#endif

#if defined(NEED_N_OUTPUTS_MAX) || defined(NEED_ALL)
void SetOutputs(llama_context_params& parameters) { parameters.n_outputs_max = 1; }
#endif

#if defined(NEED_FLASH_ATTN) || defined(NEED_ALL)
void SetFlashAttention(llama_context_params& parameters) {
  parameters.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
}
#endif

#if defined(NEED_MEMORY_SEQ_RM) || defined(NEED_ALL)
bool Truncate(llama_context* context) {
  return llama_memory_seq_rm(llama_get_memory(context), 0, 0, -1);
}
#endif

#if defined(NEED_LOGITS_ITH) || defined(NEED_ALL)
const float* Logits(llama_context* context) { return llama_get_logits_ith(context, 0); }
#endif

#if defined(NEED_N_REUSED) || defined(NEED_ALL)
int ReusedGraphs(llama_context* context) { return llama_perf_context(context).n_reused; }
#endif

#if defined(NEED_BACKEND_PATH) || defined(NEED_ALL)
void LoadBackends(const char* folder) { ggml_backend_load_all_from_path(folder); }
#endif

#if defined(NEED_MODEL_KIND) || defined(NEED_ALL)
bool CannotTruncate(const llama_model* model) {
  return llama_model_is_recurrent(model) || llama_model_is_hybrid(model);
}
#endif

#if defined(NEED_GRAMMAR) || defined(NEED_ALL)
llama_sampler* Grammar(const llama_vocab* vocabulary, const char* text) {
  return llama_sampler_init_grammar(vocabulary, text, "root");
}
#endif

#if defined(NEED_ALL)
int main() {
  std::puts(Version());
  return 0;
}
#endif
