# SPDX-License-Identifier: MIT
# The front door: each target installs what it needs, builds, and does one thing. Meson does the building.

PREFIX = /usr/local

all: build

build: build/build.ninja
	ninja -C build

build/build.ninja:
	scripts/deps build
	meson setup build

# A NIC and a disk lent to a guest and taken back, on a virtual host.
demo:
	scripts/deps build lab
	$(MAKE) --no-print-directory build
	lab/demo/demo

# Platform devices lent to an arm64 guest, on an arm64 virtual host.
demo-platform:
	scripts/deps build lab test
	$(MAKE) --no-print-directory build
	lab/demo/demo-platform

# Everything: style, gcc, clang, unit tests, sanitizers, virtual hosts.
test:
	scripts/deps build lab test
	scripts/test

unit: build
	meson test -C build --print-errorlogs

# The unit tests on an arm64 processor, in an arm64 virtual host.
unit-arm64:
	scripts/deps build lab test
	tests/unit/run-arm64

lab: build
	scripts/deps lab test
	tests/lab/run

# lend run beside QEMU, in one virtual host; QUICK=1 gives the counts alone.
bench: build
	scripts/deps build lab test bench
	bench/run $(if $(QUICK),--quick)

# Puts the sources into the house style.
format:
	scripts/deps test
	scripts/format --fix

# What is installed goes below DESTDIR, and finds itself below PREFIX.
install: build
	meson configure build -Dprefix=$(PREFIX)
	DESTDIR=$(DESTDIR) meson install -C build
	@# Programs find a new library by the loader's cache, which root has.
	[ -n "$(DESTDIR)" ] || [ "$$(id -u)" -ne 0 ] || /sbin/ldconfig

clean:
	rm -rf build build-*

.PHONY: all build demo demo-platform test unit unit-arm64 lab bench format install clean
