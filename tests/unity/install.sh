#!/bin/sh
# Puts the C# compilers beside these tests, into a folder that git ignores. Mono comes from the system:
# apt-get install --no-install-recommends mono-mcs mono-devel
set -eu
cd "$(dirname "$0")"
exec npm ci --no-audit --no-fund --ignore-scripts
