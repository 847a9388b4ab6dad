using UnrealBuildTool;

public class CompanionLiveLink : ModuleRules
{
	public CompanionLiveLink(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		PublicDependencyModuleNames.AddRange(new string[] { "Core", "CoreUObject", "Engine", "LiveLinkInterface", "CompanionBridge", "CompanionCore" });
	}
}
