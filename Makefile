# Twill. `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
TFM := net9.0

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

deps:  ## install the Debian packages that building and testing need
	@build/deps.sh build

test-deps:
	@build/deps.sh build test

build: deps  ## compile everything, analyzers and warnings as errors
	dotnet build twill.slnx -c Debug -v quiet -clp:NoSummary

publish: deps  ## the static executables: artifacts/twill-plugin, artifacts/twill
	@build/publish.sh $(TFM)

image: publish  ## an OCI image of the executable: artifacts/twill-image.tar
	@build/image.sh

test: test-deps publish  ## all tests, kernel tests included (root)
	@build/test.sh

lab-deps:
	@build/deps.sh build lab

lab: lab-deps publish  ## a three-node pod network on this machine, checked and shown (root)
	@build/lab.sh

man: publish  ## the manual as files: artifacts/man
	@build/man.sh

bench: test-deps publish  ## measure against the reference plugins and print the ratios
	@bench/run.sh

fmt:  ## format the sources
	dotnet format twill.slnx

clean:  ## remove what was built
	rm -rf artifacts src/*/bin src/*/obj tests/*/bin tests/*/obj bench/*/bin bench/*/obj

.PHONY: help deps test-deps lab-deps build publish image test lab man bench fmt clean
