#nullable enable
using System;
using System.Collections.Generic;
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>A fact of the scene.</summary>
    [Serializable]
    public struct SceneFact
    {
        public string Name;
        public string Value;
    }

    /// <summary>What is and what happens in the scene, without code: facts from the inspector, events from UnityEvents.</summary>
    [AddComponentMenu("Companion/Companion Context")]
    public sealed class CompanionContext : CompanionPart
    {
        [SerializeField] List<SceneFact> _facts = new List<SceneFact>();

        [Tooltip("What SetFact(value) sets.")]
        [SerializeField] string _fact = "";

        public List<SceneFact> Facts => _facts;

        protected override void Attached(Conversation conversation)
        {
            foreach (SceneFact each in _facts) Set(each.Name, each.Value);
        }

        /// <summary>A fact that holds from now on; an empty value removes it.</summary>
        public void Set(string name, string value)
        {
            try
            {
                Conversation?.SetState(name, value ?? "");
            }
            catch (Exception error) when (error is ArgumentException || error is InvalidOperationException)
            {
                Debug.LogWarning("[Companion] The fact cannot be told: " + error.Message, this);
            }
        }

        /// <summary>Set the fact that the inspector names; for UnityEvents.</summary>
        public void SetFact(string value) => Set(_fact, value);

        /// <summary>This happened; the companion takes note.</summary>
        public void Happened(string sentence) => Conversation?.Happened(sentence);

        /// <summary>This happened; the companion may say something about it.</summary>
        public void HappenedAndMayRespond(string sentence) => Conversation?.Happened(sentence, Respond.Auto);

        /// <summary>This happened; the companion says something about it.</summary>
        public void HappenedAndRespond(string sentence) => Conversation?.Happened(sentence, Respond.Must);
    }
}
