#!/bin/sh
# Puts playwright-core beside these tests, into a folder that git ignores. Chromium comes from the system:
# apt-get install chromium fonts-noto-cjk
set -eu
cd "$(dirname "$0")"
exec npm ci --no-audit --no-fund --ignore-scripts
