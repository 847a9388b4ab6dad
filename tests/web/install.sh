#!/bin/sh
# Puts what the browser tests need beside them, into folders that git ignores: playwright-core, three.js as
# `companion page --with-3d` installs it, and the reader of faces as `--with-sight` does. Chromium comes from the system: apt-get install chromium fonts-noto-cjk
set -eu
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --ignore-scripts
mkdir -p three
cp ../../bridge/web/three/package.json ../../bridge/web/three/package-lock.json three/
mkdir -p three/sight
cp ../../bridge/web/sight/package.json ../../bridge/web/sight/package-lock.json three/sight/
(cd three/sight && npm ci --no-audit --no-fund --ignore-scripts)
cd three
exec npm ci --no-audit --no-fund --ignore-scripts
