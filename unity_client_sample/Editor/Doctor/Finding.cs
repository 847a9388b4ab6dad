#nullable enable

namespace CompanionBridge.Editor
{
    public enum Severity { Good, Note, Warning, Error }

    /// <summary>Something that the Setup Doctor can put right by itself.</summary>
    public enum Remedy
    {
        None, EnableAudio, BestLatency, MicrophoneText, PrepareRecording, ForceSpeaker, InternetAccess, Arm64, Il2Cpp, MinimumSdk, RunInBackground, WebExceptions, VrmSymbol, PlainHttp, AddListener, MakeTalk, SecureUrl,
    }

    /// <summary>What the Setup Doctor saw: a title, what it means and what to do, and perhaps a remedy.</summary>
    public sealed class Finding
    {
        public Finding(Severity severity, string title, string text, Remedy remedy = Remedy.None)
        {
            Severity = severity;
            Title = title;
            Text = text;
            Remedy = remedy;
        }

        public Severity Severity { get; }
        public string Title { get; }
        public string Text { get; }
        public Remedy Remedy { get; }

        public override string ToString() => Severity + ": " + Title;
    }
}
