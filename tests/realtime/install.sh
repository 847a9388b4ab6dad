#!/bin/sh
# Puts OpenAI's agents package beside the test that talks to a bridge with it, into a folder that git ignores.
set -eu
cd "$(dirname "$0")/agents"
exec npm ci --no-audit --no-fund --ignore-scripts
