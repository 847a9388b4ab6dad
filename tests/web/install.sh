#!/bin/sh
# Puts what the browser tests need beside them, into folders that git ignores: playwright-core, and three.js as
# `companion page --with-3d` installs it. Chromium comes from the system: apt-get install chromium fonts-noto-cjk
set -eu
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --ignore-scripts
mkdir -p three
cp ../../bridge/web/three/package.json ../../bridge/web/three/package-lock.json three/
cd three
exec npm ci --no-audit --no-fund --ignore-scripts
