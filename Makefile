# The front door: everyday commands. Each is a thin word for scripts/setup.sh, a CMake preset or a
# script in scripts/, which can all be called directly.

PRESET ?= release
LLAMA  ?= ON
ARGS   ?=
JOBS   ?= $(shell nproc)
SETUP_FLAGS ?=

# An own libllama by way of the environment or `make LLAMA_ROOT=…`.
LLAMA_ROOT ?= $(TURBOSPEC_LLAMA_ROOT)
export TURBOSPEC_LLAMA_ROOT := $(LLAMA_ROOT)

setup_flags = $(SETUP_FLAGS) $(if $(filter OFF,$(LLAMA)),--no-llama)
configure = cmake --preset $(1) --log-level=$(if $(V),VERBOSE,STATUS) -Wno-dev \
  -DTURBOSPEC_LLAMA=$(LLAMA) -DTURBOSPEC_LLAMA_ROOT=$(LLAMA_ROOT)
build_preset = $(call configure,$(1)) && cmake --build --preset $(1) -j $(JOBS)

.PHONY: help setup build serve test check lint format format-check asan tsan bench compare clean
.NOTPARALLEL:

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@echo "  variables: PRESET=dev LLAMA=OFF LLAMA_ROOT=<prefix> ARGS='…' JOBS=$(JOBS) SETUP_FLAGS='--peers'"

setup: ## what the build needs: host packages and libllama
	@scripts/setup.sh $(setup_flags)

build: ## configure and build (release preset)
	@$(call build_preset,$(PRESET))

serve: setup build ## set up, build and serve: make serve ARGS='-m target.gguf -d draft.gguf'
	@build/$(PRESET)/cli/turbospec serve $(ARGS)

test: setup build ## set up, build and run every test; the summary is the last line
	@scripts/run_tests.sh $(PRESET) $(JOBS)

check: SETUP_FLAGS += --lint
check: setup format-check build ## formatting, clang-tidy on what changed since main, every test
	@scripts/lint.sh --changed build/$(PRESET) $(JOBS)
	@scripts/run_tests.sh $(PRESET) $(JOBS)

lint: ## clang-tidy on all our sources (what passed before and has not changed is skipped)
	@$(call configure,$(PRESET)) >/dev/null && scripts/lint.sh build/$(PRESET) $(JOBS)

format: ## clang-format in place
	@scripts/format.sh

format-check: ## say what clang-format would change
	@scripts/format.sh --check

asan: setup ## tests under AddressSanitizer and UBSan
	@$(call build_preset,asan)
	@scripts/run_tests.sh asan $(JOBS)

tsan: LLAMA = OFF
tsan: setup ## tests under ThreadSanitizer (fake models only: ggml's threads are not instrumented)
	@$(call build_preset,tsan)
	@scripts/run_tests.sh tsan $(JOBS)

bench: setup build ## run every benchmark program once
	@scripts/run_benchmarks.sh build/$(PRESET)/bench

compare: SETUP_FLAGS += --peers
compare: setup build ## measure servers side by side: make compare ARGS='--grid bench/compare/map.json --out DIR'
	@build/$(PRESET)/bench/compare/compare $(ARGS)

clean: ## remove the builds (runtimes and compiler caches stay)
	@rm -rf build
