#nullable enable
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace CompanionBridge.Editor
{
    /// <summary>The face map: what the character's meshes show, a slider for each channel that moves them, and a choice of shapes.</summary>
    [CustomEditor(typeof(CompanionFace))]
    public sealed class CompanionFaceEditor : UnityEditor.Editor
    {
        const string None = "(nothing)", Found = "(found by name)";

        FacePreview? _preview;
        string _profile = "";
        string _filter = "";
        bool _open = true;
        bool _touched;

        CompanionFace Face => (CompanionFace)target;

        void OnEnable() => Rebuild();

        void OnDisable() => Rest();

        public override void OnInspectorGUI()
        {
            EditorGUI.BeginChangeCheck();
            DrawDefaultInspector();
            if (EditorGUI.EndChangeCheck()) Rebuild();
            if (_preview == null) return;
            EditorGUILayout.Space();
            _open = EditorGUILayout.Foldout(_open, "Face map: " + Told(), true);
            if (!_open) return;
            foreach (string each in _preview.Complaints()) EditorGUILayout.HelpBox(each, each.StartsWith("Not shown", System.StringComparison.Ordinal) ? MessageType.Info : MessageType.Warning);
            EditorGUILayout.BeginHorizontal();
            _filter = EditorGUILayout.TextField("Filter", _filter);
            if (GUILayout.Button("Rest", GUILayout.Width(60))) Rest();
            if (GUILayout.Button("Find again", GUILayout.Width(90))) Rebuild();
            EditorGUILayout.EndHorizontal();
            Channels(_preview);
        }

        string Told()
        {
            if (_profile == "none") return "no known shapes";
            return _profile + ", " + _preview!.Matched + " of " + _preview.Format.Names.Length + " channels on " + _preview.Targets.Count + (_preview.Targets.Count == 1 ? " mesh" : " meshes");
        }

        void Channels(FacePreview preview)
        {
            List<string> shapes = Shapes();
            for (int channel = 0; channel < preview.Format.Names.Length; channel++)
            {
                string name = preview.Format.Names[channel];
                if (_filter.Length > 0 && name.IndexOf(_filter, System.StringComparison.OrdinalIgnoreCase) < 0) continue;
                EditorGUILayout.BeginHorizontal();
                EditorGUI.BeginChangeCheck();
                float weight = EditorGUILayout.Slider(new GUIContent(name, preview.ShownBy(name)), preview.Weights[channel], 0, 1);
                if (EditorGUI.EndChangeCheck()) Move(preview, channel, weight);
                Choice(name, shapes);
                EditorGUILayout.EndHorizontal();
            }
        }

        void Move(FacePreview preview, int channel, float weight)
        {
            preview.Weights[channel] = weight;
            _touched = true;
            // While the game runs the component writes the meshes.
            if (Application.isPlaying) Face.SetOverride(preview.Format.Names[channel], weight);
            else preview.Show();
        }

        void Choice(string channel, List<string> shapes)
        {
            int at = Face.Choices.FindIndex(each => each.Channel == channel);
            int now = at < 0 ? 0 : Mathf.Max(1, shapes.IndexOf(Face.Choices[at].Shape ?? ""));
            int chosen = EditorGUILayout.Popup(now, shapes.ToArray(), GUILayout.Width(150));
            if (chosen == now) return;
            Undo.RecordObject(Face, "Choose Shape");
            if (at >= 0) Face.Choices.RemoveAt(at);
            if (chosen > 0) Face.Choices.Add(new FaceChoice { Channel = channel, Shape = chosen == 1 ? "" : shapes[chosen], Gain = 1 });
            EditorUtility.SetDirty(Face);
            if (Application.isPlaying) Face.Rebuild();
            Rebuild();
        }

        List<string> Shapes()
        {
            List<string> all = new List<string> { Found, None };
            foreach (SkinnedMeshRenderer each in Face.Renderers())
                for (int shape = 0; shape < each.sharedMesh.blendShapeCount; shape++)
                {
                    string name = each.sharedMesh.GetBlendShapeName(shape);
                    if (!all.Contains(name)) all.Add(name);
                }
            return all;
        }

        void Rebuild()
        {
            Rest();
            _profile = Face.BestProfile();
            SerializedProperty jaw = serializedObject.FindProperty("_sealByJaw");
            _preview = new FacePreview(Face.Renderers(), _profile, Face.Choices, jaw != null && jaw.boolValue);
        }

        void Rest()
        {
            if (_preview == null || !_touched) return;
            _touched = false;
            if (Application.isPlaying)
                foreach (string each in _preview.Format.Names) Face.ClearOverride(each);
            else _preview.Clear();
            System.Array.Clear(_preview.Weights, 0, _preview.Weights.Length);
        }
    }
}
