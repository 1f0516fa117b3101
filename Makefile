# Everything a person does with this repository. `make` alone says what there is.

CLUSTER ?= cluster.toml
NODE    ?=
OUT     ?= out

# What a person types goes to the program through the environment: make and the shell read nothing in it, but for the blanks
# between several nodes.
export BRAMBLE_NODE := $(value NODE)
export BRAMBLE_CLUSTER := $(value CLUSTER)
export BRAMBLE_OUT := $(value OUT)
unexport NODE CLUSTER OUT
NODES := set -f; set -- $$BRAMBLE_NODE;

# The one place where things are installed is tools/setup; it does nothing where nothing is missing.
BRAMBLE := target/release/bramble
PAYLOAD := target/payload

.DEFAULT_GOAL := help
.PHONY: help image images qemu check lock payload test test-boards test-plugs coverage bench bench-boot bench-worker fuzz setup clean FORCE

help: ## say what there is
	@echo 'bramble: SD-card images for clusters of Raspberry Pis'
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | sort | column -t -s '|'
	@echo
	@echo '  NODE=3 or NODE=node3 names a node of the cluster file, NODE="2-4 7" several; CLUSTER=, OUT= name other files.'

image: build ## NODE=3: write the SD-card image of one node to out/
	@test -n "$$BRAMBLE_NODE" || { echo 'make image: say which node, as in `make image NODE=3`' >&2; exit 2; }
	@$(NODES) $(BRAMBLE) image --cluster "$$BRAMBLE_CLUSTER" --out "$$BRAMBLE_OUT" -- "$$@"

images: build ## write the SD-card images of all nodes
	@$(BRAMBLE) image --cluster "$$BRAMBLE_CLUSTER" --out "$$BRAMBLE_OUT" --all

qemu: build ## NODE=3: write the image and boot it on the emulated board
	@test -n "$$BRAMBLE_NODE" || { echo 'make qemu: say which node, as in `make qemu NODE=3`' >&2; exit 2; }
	@tools/setup test
	@$(BRAMBLE) image --cluster "$$BRAMBLE_CLUSTER" --out "$$BRAMBLE_OUT" -- "$$BRAMBLE_NODE"
	@$(BRAMBLE) run --cluster "$$BRAMBLE_CLUSTER" --out "$$BRAMBLE_OUT" -- "$$BRAMBLE_NODE"

check: $(BRAMBLE) ## check cluster.toml and what it names, and nothing else
	@$(BRAMBLE) check --cluster "$$BRAMBLE_CLUSTER"

lock: $(BRAMBLE) ## look the packages up anew and write rootfs/*.lock
	@$(BRAMBLE) lock --cluster "$$BRAMBLE_CLUSTER"

test: ## run every test, boots of some boards under QEMU included (BOARDS=all: of every board)
	@tools/setup test
	@tools/test $(BOARDS)

test-boards: ## boot every board that QEMU has, or BOARD=cm3 alone (takes a quarter of an hour)
	@tools/setup test
	@tools/test boards

test-plugs: ## pull a guest's plug 60 times (takes half an hour)
	@tools/setup test
	@PULLS=60 BOARD=pulled-plugs tools/test boards

coverage: ## say which of the packages in docs/popular-packages.txt a node can have (downloads 2 GB at first)
	@tools/setup build
	@cargo run --release --quiet --locked --example coverage -- docs/popular-packages.txt

bench: build ## measure a build beside mmdebstrap (takes half an hour)
	@tools/setup bench
	@tools/bench

bench-boot: build ## measure how soon a node answers beside Debian with nginx (takes half an hour at first)
	@tools/setup bench
	@tools/bench-boot

bench-worker: ## measure the worker beside nginx, lighttpd and Apache (takes ten to twenty minutes)
	@tools/setup bench
	@tools/bench-worker

fuzz: ## try ten million broken requests on the worker, a million forged images on inspect and diff, ten million scripts on the shell
	@tools/setup test
	@tools/fuzz

setup: ## install all that the other targets need
	@tools/setup test
	@tools/setup bench

clean: ## take away what was built, but not the download cache
	rm -rf target out

.PHONY: build
build: setup-build $(BRAMBLE) payload

.PHONY: setup-build
setup-build:
	@tools/setup build

# Cargo knows best what is out of date.
$(BRAMBLE): FORCE
	@cargo build --release --quiet --locked

payload: ## compile the worker and init for the boards
	@tools/payload "$(PAYLOAD)" aarch64-unknown-linux-musl arm-unknown-linux-musleabihf
