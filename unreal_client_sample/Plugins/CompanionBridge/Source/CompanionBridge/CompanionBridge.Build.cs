using System.IO;
using UnrealBuildTool;

public class CompanionBridge : ModuleRules
{
	public CompanionBridge(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		PublicDependencyModuleNames.AddRange(new string[] { "Core", "CoreUObject", "Engine", "AudioMixer", "AnimGraphRuntime", "CompanionCore" });
		PrivateDependencyModuleNames.AddRange(new string[] { "WebSockets", "AudioCaptureCore", "SignalProcessing" });
		if (Target.Platform == UnrealTargetPlatform.Android)
		{
			PrivateDependencyModuleNames.Add("AndroidPermission");
			string Here = Utils.MakePathRelativeTo(ModuleDirectory, Target.RelativeEnginePath);
			AdditionalPropertiesForReceipt.Add("AndroidPlugin", Path.Combine(Here, "CompanionBridge_APL.xml"));
		}
	}
}
