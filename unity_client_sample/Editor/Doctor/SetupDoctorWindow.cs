#nullable enable
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace CompanionBridge.Editor
{
    /// <summary>Looks over the project, the scene and the server, says what is wrong, and puts right what it can.</summary>
    public sealed class SetupDoctorWindow : EditorWindow
    {
        List<Finding> _findings = new List<Finding>();
        ServerProbe? _probe;
        Finding? _server;
        Vector2 _scroll;

        [MenuItem("Tools/Companion Bridge/Setup Doctor", priority = 1)]
        public static void Open() => GetWindow<SetupDoctorWindow>("Companion Setup Doctor").Look();

        void OnEnable() => Look();

        void OnFocus() => _findings = Checks.All(ProjectReader.Read());

        void OnDisable() => Forget();

        void Look()
        {
            _findings = Checks.All(ProjectReader.Read());
            Forget();
            _server = null;
            _probe = new ServerProbe(SetupDoctorSettings.Url, "", EditorApplication.timeSinceStartup);
            EditorApplication.update += Step;
            Repaint();
        }

        void Step()
        {
            if (_probe == null) return;
            _probe.Step(EditorApplication.timeSinceStartup);
            if (_probe.Result == null) return;
            _server = _probe.Result;
            Forget();
            Repaint();
        }

        void Forget()
        {
            EditorApplication.update -= Step;
            _probe?.Dispose();
            _probe = null;
        }

        void OnGUI()
        {
            EditorGUILayout.BeginHorizontal();
            EditorGUI.BeginChangeCheck();
            string url = EditorGUILayout.DelayedTextField("Server", SetupDoctorSettings.Url);
            bool changed = EditorGUI.EndChangeCheck();
            if (changed) SetupDoctorSettings.Url = url.Trim();
            if (GUILayout.Button("Look again", GUILayout.Width(90)) || changed) Look();
            EditorGUILayout.EndHorizontal();
            _scroll = EditorGUILayout.BeginScrollView(_scroll);
            if (_server != null) Show(_server);
            else EditorGUILayout.HelpBox("Trying " + SetupDoctorSettings.Url + " ...", MessageType.None);
            Remedy chosen = Remedy.None;
            foreach (Finding each in _findings)
                if (Show(each)) chosen = each.Remedy;
            if (_findings.TrueForAll(each => each.Severity < Severity.Warning)) EditorGUILayout.HelpBox("Nothing is in the way in this project.", MessageType.Info);
            EditorGUILayout.EndScrollView();
            if (chosen == Remedy.None) return;
            Remedies.Apply(chosen);
            _findings = Checks.All(ProjectReader.Read());
        }

        static bool Show(Finding finding)
        {
            EditorGUILayout.BeginHorizontal();
            EditorGUILayout.HelpBox(finding.Title + "\n" + finding.Text, Icon(finding.Severity));
            string label = Remedies.Label(finding.Remedy);
            bool pressed = label.Length > 0 && GUILayout.Button(label, GUILayout.Width(110), GUILayout.Height(38));
            EditorGUILayout.EndHorizontal();
            return pressed;
        }

        static MessageType Icon(Severity severity) =>
            severity == Severity.Error ? MessageType.Error : severity == Severity.Warning ? MessageType.Warning : severity == Severity.Note ? MessageType.Info : MessageType.None;
    }
}
