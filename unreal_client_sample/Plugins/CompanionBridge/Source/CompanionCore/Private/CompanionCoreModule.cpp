// The one file here that knows the engine, and only where there is one.
#if __has_include("Modules/ModuleManager.h")

#include "Modules/ModuleManager.h"

IMPLEMENT_MODULE(FDefaultModuleImpl, CompanionCore)

#endif
