// The part of UniVRM 1.0 that the optional assembly uses.
using System.Collections.Generic;
using UnityEngine;

namespace UniVRM10
{
    public enum ExpressionPreset { custom, happy, angry, sad, relaxed, surprised, aa, ih, ou, ee, oh, blink, blinkLeft, blinkRight, lookUp, lookDown, lookLeft, lookRight, neutral }

    public readonly struct ExpressionKey : System.IEquatable<ExpressionKey>
    {
        public readonly ExpressionPreset Preset;
        public readonly string Name;

        public ExpressionKey(ExpressionPreset preset, string customName = null!)
        {
            Preset = preset;
            Name = preset == ExpressionPreset.custom ? customName : preset.ToString();
        }

        public static ExpressionKey CreateCustom(string key) => new ExpressionKey(ExpressionPreset.custom, key);
        public static ExpressionKey CreateFromPreset(ExpressionPreset preset) => new ExpressionKey(preset);
        public bool Equals(ExpressionKey other) => Preset == other.Preset && Name == other.Name;
        public override bool Equals(object obj) => obj is ExpressionKey key && Equals(key);
        public override int GetHashCode() => Name.GetHashCode();
    }

    public sealed class Vrm10RuntimeExpression
    {
        internal readonly List<ExpressionKey> Keys = new List<ExpressionKey>();
        internal readonly Dictionary<ExpressionKey, float> Weights = new Dictionary<ExpressionKey, float>();

        public IReadOnlyList<ExpressionKey> ExpressionKeys => Keys;
        public void SetWeight(ExpressionKey expressionKey, float weight) => Weights[expressionKey] = weight;
        public float GetWeight(ExpressionKey expressionKey) => Weights.TryGetValue(expressionKey, out float found) ? found : 0;
    }

    public sealed class Vrm10Runtime
    {
        public Vrm10RuntimeExpression Expression { get; } = new Vrm10RuntimeExpression();
    }

    public sealed class Vrm10Instance : MonoBehaviour
    {
        public Vrm10Runtime Runtime { get; } = new Vrm10Runtime();
    }
}
