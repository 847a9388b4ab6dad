using UnrealBuildTool;

/// The client without an engine: standard C++17, which other engines may compile too.
public class CompanionCore : ModuleRules
{
	public CompanionCore(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.NoPCHs;
		bUseUnity = false;
		bEnableExceptions = false;
		bUseRTTI = false;
		// Of the engine it takes only what makes it a module.
		PrivateDependencyModuleNames.Add("Core");
	}
}
