#!/bin/sh
# Builds the plugin with an engine that is at hand: build_plugin.sh ENGINE OUT
set -eu
if [ $# -ne 2 ]; then
    echo "usage: build_plugin.sh ENGINE OUT (ENGINE holds Engine/Build/BatchFiles)" >&2
    exit 2
fi
plugin=$(cd "$(dirname "$0")/../Plugins/CompanionBridge" && pwd)
exec "$1/Engine/Build/BatchFiles/RunUAT.sh" BuildPlugin -Plugin="$plugin/CompanionBridge.uplugin" -Package="$2" -Rocket
