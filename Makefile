# `make help` lists the targets. Each of them sets up what it needs.
PYTHON ?= python3
BIN := .venv/bin
WORKSPACE ?= workspace
MODEL ?=
QUALITY ?=
FUZZ ?=
PACKAGES := data_contracts features models pipelines serving whylead
SOURCES := $(shell find $(PACKAGES) -name '*.py')
KERNELS := $(shell grep -rlE '^(@compiled|import numba)' --include='*.py' features models)
INSTALL := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python
TORCH ?= torch==2.13.0
CUDA := torch triton cuda-bindings cuda-pathfinder nvidia-cusparselt-cu12 $(patsubst %,nvidia-%-cu12,cublas cuda-cupti \
	cuda-nvrtc cuda-runtime cudnn cufft cufile curand cusolver cusparse nccl nvjitlink nvshmem nvtx)
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --quiet

.DEFAULT_GOAL := help
.PHONY: help demo repro test test-fast fuzz lint format bench bench-quick bench-quality serve notebooks lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

# uv comes from PyPI with a checked hash and lives in the virtual environment; it installs the rest.
$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "whylead needs Python 3.11 to 3.13: make PYTHON=python3.12 ..."; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

# Byte code is compiled here: with PYTHONDONTWRITEBYTECODE every start would compile it again, for more than a second.
.venv/.packages: requirements/run.txt pyproject.toml | $(BIN)/uv
	$(INSTALL) --require-hashes -r requirements/run.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# All kernels are recompiled: numba does not notice that a kernel called by another one has changed.
.venv/.kernels: .venv/.packages $(KERNELS)
	$(BIN)/whylead compile --force
	@touch $@

.venv/.run: .venv/.kernels $(SOURCES)
	$(BIN)/python -m compileall -q $(PACKAGES)
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.run
	$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

.venv/.fuzz: requirements/fuzz.txt .venv/.dev
	$(INSTALL) --require-hashes -r requirements/fuzz.txt
	@touch $@

.venv/.bench: requirements/bench.txt .venv/.dev
	$(INSTALL) --require-hashes -r requirements/bench.txt
	@touch $@

# The peers have their own environment: they need other versions of some packages than whylead does. torch is installed by
# pip, which takes a CPU build where its settings name one (PIP_FIND_LINKS); otherwise it brings gigabytes of CUDA.
.venv-peers/.installed: requirements/peers.txt | $(BIN)/uv
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-peers
	$(BIN)/uv pip install --quiet --python .venv-peers/bin/python --no-deps --require-hashes -r requirements/peers.txt
	$(BIN)/python -m pip --python .venv-peers/bin/python install --quiet --disable-pip-version-check $(TORCH)
	@touch $@

demo: .venv/.run ## simulate a company, train on its closed deals, show scores with reasons
	$(BIN)/whylead demo --workspace $(WORKSPACE)

test: .venv/.dev ## run all tests
	$(BIN)/python -m pytest -n 2

test-fast: .venv/.dev ## run the tests that take less than ten seconds each
	$(BIN)/python -m pytest -n 2 -m "not slow"

fuzz: .venv/.fuzz ## damage an artifact 100,000 times and count what becomes of it (FUZZ="--runs 5000 --seed 2")
	$(BIN)/python -m tests.fuzz $(FUZZ)

audit: .venv/.dev ## look for known weaknesses in what is shipped (asks the package index)
	$(BIN)/pip-audit --requirement requirements/run.txt --require-hashes --disable-pip --progress-spinner off

sbom: .venv/.dev ## list what is shipped, with hashes, as CycloneDX: workspace/sbom.json
	mkdir -p $(WORKSPACE)
	$(BIN)/cyclonedx-py requirements requirements/run.txt --pyproject pyproject.toml --output-reproducible -o $(WORKSPACE)/sbom.json

lint: .venv/.dev ## ruff, mypy strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev ## format the code, and fix what ruff can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.bench ## compare speed and quality with peers, in one run
	NUMPY_MADVISE_HUGEPAGE=0 $(BIN)/python -m benchmarks

bench-quick: .venv/.bench ## compare speed only, at a tenth of the size
	NUMPY_MADVISE_HUGEPAGE=0 $(BIN)/python -m benchmarks --scale 0.1 --parts shap windows memory importing scoring http startup

bench-quality: .venv/.run .venv-peers/.installed ## compare quality on real leads with nineteen peers (QUALITY="--tasks ... --resume")
	$(BIN)/python -m benchmarks.quality $(QUALITY)

serve: .venv/.run ## serve the champion (or MODEL=directory) over HTTP
	$(BIN)/whylead serve --workspace $(WORKSPACE) $(if $(MODEL),--model $(MODEL))

repro: .venv/.dev ## rerun the stages of dvc.yaml that changed
	$(BIN)/dvc repro

notebooks: .venv/.dev ## execute the notebooks in place
	$(BIN)/python -m jupyter execute --inplace notebooks/*.ipynb

lock: | $(BIN)/uv ## update the lock files, with hashes
	echo 'uv' | $(COMPILE) -o requirements/bootstrap.txt -
	$(COMPILE) pyproject.toml --extra dvc --group dev --group bench -o requirements/bench.txt
	$(COMPILE) pyproject.toml --extra dvc --group dev -c requirements/bench.txt -o requirements/dev.txt
	$(COMPILE) pyproject.toml --group build -c requirements/bench.txt -o requirements/run.txt
	$(COMPILE) --group fuzz -o requirements/fuzz.txt
	$(COMPILE) --group peers $(patsubst %,--no-emit-package %,$(CUDA)) -o requirements/peers.txt

clean: ## remove generated files (not the virtual environment)
	rm -rf $(WORKSPACE) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
