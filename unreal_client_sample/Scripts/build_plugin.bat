@echo off
rem Builds the plugin with an engine that is at hand: build_plugin.bat ENGINE OUT
if "%~2"=="" (
    echo usage: build_plugin.bat ENGINE OUT
    exit /b 2
)
call "%~1\Engine\Build\BatchFiles\RunUAT.bat" BuildPlugin -Plugin="%~dp0..\Plugins\CompanionBridge\CompanionBridge.uplugin" -Package="%~2" -Rocket
