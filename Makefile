# SPDX-License-Identifier: MIT
# The front door: each target installs what it needs, builds, and does one thing. Meson does the building.

# PREFIX= is configured when the tree is set up (/usr/local), or when it is
# given to a later build or install; DESTDIR= is for an installation alone.
BUILD = build
options = $(if $(filter command,$(origin PREFIX)),-Dprefix=$(PREFIX))

all: build

build: ## builds the library, the command line and the tests
build: $(BUILD)/build.ninja
	$(if $(options),scripts/setup $(BUILD) $(options))
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	scripts/deps build
	scripts/setup $(BUILD) $(options)

demo: ## lends a NIC and a disk to a guest and takes them back, on a virtual host
	scripts/deps build lab
	$(MAKE) --no-print-directory build
	lab/demo/demo

demo-platform: ## lends platform devices to an arm64 guest, on an arm64 virtual host
	scripts/deps build lab test
	$(MAKE) --no-print-directory build
	lab/demo/demo-platform

demo-emulated: ## boots an ordinary user's guest from a file as NVMe disk, on a virtual host
	scripts/deps build lab
	$(MAKE) --no-print-directory build
	lab/demo/demo-emulated

check: ## style and unit tests: what to run before each commit
check: build
	scripts/deps style
	scripts/format
	meson test -C $(BUILD) --no-rebuild --print-errorlogs

test: ## everything: style, gcc, clang, unit tests, sanitizers, virtual hosts; MORE=1
	scripts/deps build style lab test
	scripts/test

unit: ## the unit tests
unit: build
	meson test -C $(BUILD) --print-errorlogs

unit-arm64: ## the unit tests on an arm64 processor, in an arm64 virtual host
	scripts/deps build lab test
	tests/unit/run-arm64

fuzz: ## runs all fuzz targets for MINUTES=2 together
	scripts/deps build fuzz
	scripts/fuzz $(MINUTES)

mutants: ## breaks the tree in many ways, one by one, and shows which the unit tests find
	scripts/deps build test
	scripts/mutants

lab: ## the tests in virtual hosts
lab: build
	scripts/deps lab test
	tests/lab/run

soak: ## what befalls long runs, for minutes; TIMES=n times as long
soak: build
	scripts/deps lab test
	tests/lab/run --time $$((1200 * $(or $(TIMES),1))) \
		--append soak=$(or $(TIMES),1) -- soak

coverage: ## what part of the lines the unit tests reach, by room
	scripts/deps build coverage
	scripts/coverage

bench: ## measures lend run beside QEMU; QUICK=1 gives the counts alone
bench: build
	scripts/deps build lab test bench
	bench/run $(if $(QUICK),--quick)

format: ## puts the C sources into the house style
	scripts/deps style
	scripts/format --fix

tidy: ## looks for errors with clang-tidy: some minutes
	scripts/deps build tidy
	scripts/tidy

tags: ## an index of all C sources for editors
	scripts/deps tags
	git ls-files '*.c' '*.h' | ctags -L -

install: ## installs to DESTDIR and PREFIX
	scripts/install $(BUILD) $(options)

uninstall: ## removes what install put there
	scripts/install --uninstall $(BUILD) $(options)

deb: ## builds the Debian packages in build/deb
	scripts/deps build deb
	scripts/deb

test-packages: ## the Debian packages and the RPM: built, installed in a fresh Debian, tried, removed
	scripts/deps build deb test-packages
	tests/packages/run

dist: ## a source archive of the last commit in build/meson-dist, built and tested
dist: build
	meson dist -C $(BUILD)

clean: ## removes all build trees
	rm -rf build build-*

help: ## lists these targets
	@sed -n 's/^\([a-z][-a-z0-9]*\): ## /\1\t/p' Makefile | expand -t 16

.PHONY: all build demo demo-platform demo-emulated check test unit unit-arm64 fuzz mutants lab \
	soak coverage bench format tidy tags deb test-packages install \
	uninstall dist clean help
