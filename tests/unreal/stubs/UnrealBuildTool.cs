// The part of UnrealBuildTool's interface that the plugin's rules use.
using System.Collections.Generic;

namespace UnrealBuildTool
{
	public enum PCHUsageMode { NoPCHs, UseExplicitOrSharedPCHs }

	public sealed class UnrealTargetPlatform
	{
		public static readonly UnrealTargetPlatform Android = new UnrealTargetPlatform();
	}

	public sealed class ReadOnlyTargetRules
	{
		public UnrealTargetPlatform Platform = new UnrealTargetPlatform();
		public string RelativeEnginePath = "";
	}

	public sealed class ReceiptPropertyList
	{
		public void Add(string Name, string Value) { }
	}

	public static class Utils
	{
		public static string MakePathRelativeTo(string Path, string Other) { return Path; }
	}

	public abstract class ModuleRules
	{
		public PCHUsageMode PCHUsage;
		public bool bUseUnity, bEnableExceptions, bUseRTTI;
		public string ModuleDirectory = "";
		public readonly List<string> PublicDependencyModuleNames = new List<string>();
		public readonly List<string> PrivateDependencyModuleNames = new List<string>();
		public readonly ReceiptPropertyList AdditionalPropertiesForReceipt = new ReceiptPropertyList();

		protected ModuleRules(ReadOnlyTargetRules Target) { }
	}
}
