#nullable enable
using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>A tool that is wired up in the inspector.</summary>
    [Serializable]
    public sealed class SceneTool
    {
        [Tooltip("Letters, digits, _ . -")]
        public string Name = "";

        [Tooltip("When and for what the companion should use it.")]
        [TextArea] public string Description = "";

        [Tooltip("JSON Schema of the arguments; empty: none.")]
        [TextArea(2, 12)] public string Schema = "";

        [Tooltip("What the companion is told when it has run.")]
        [TextArea] public string Answer = "Done.";

        [Tooltip("Gets the arguments as JSON.")]
        public TextEvent OnCalled = new TextEvent();
    }

    /// <summary>What the scene can do when the companion asks for it, without code. From code, use Conversation.Tools.Add.</summary>
    [AddComponentMenu("Companion/Companion Tools")]
    public sealed class CompanionTools : CompanionPart
    {
        [SerializeField] List<SceneTool> _tools = new List<SceneTool>();

        readonly List<IDisposable> _offers = new List<IDisposable>();

        public List<SceneTool> Tools => _tools;

        protected override void Attached(Conversation conversation)
        {
            foreach (SceneTool tool in _tools)
            {
                SceneTool each = tool;
                try
                {
                    _offers.Add(conversation.Tools.Add(each.Name, each.Description, each.Schema, (arguments, cancelled) =>
                    {
                        each.OnCalled.Invoke(arguments.ToString());
                        return Task.FromResult(ToolResult.Ok(each.Answer));
                    }));
                }
                catch (ArgumentException error)
                {
                    Debug.LogWarning("[Companion] The tool cannot be offered: " + error.Message, this);
                }
            }
        }

        protected override void Detached(Conversation conversation)
        {
            foreach (IDisposable each in _offers) each.Dispose();
            _offers.Clear();
        }
    }
}
