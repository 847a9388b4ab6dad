#nullable enable

namespace CompanionBridge
{
    /// <summary>Version of this package, as in package.json.</summary>
    public static class CompanionVersion
    {
        public const string Text = "0.1.0";
    }
}
