#nullable enable
using System;
using System.Collections.Generic;
using System.Text;

namespace CompanionBridge
{
    /// <summary>What was said by whom, for a log on the screen.</summary>
    public readonly struct SpokenLine
    {
        public readonly bool ByUser, Cut;
        public readonly string Text;

        public SpokenLine(bool byUser, string text, bool cut)
        {
            ByUser = byUser;
            Text = text;
            Cut = cut;
        }
    }

    /// <summary>
    /// Subtitles that never run ahead of the voice: words are added as they are heard, a full line makes room for the next,
    /// and what was cut off does not stay. Beside the line on show it keeps what was said.
    /// </summary>
    public sealed class Subtitles
    {
        const int MostKept = 200;
        const double Linger = 1.5; // s after the last word
        const string Ends = ".!?…。！？｡।॥؟۔።";
        const string Closers = "\"'”’»)]}」』】）";

        readonly int _most;
        readonly StringBuilder _line = new StringBuilder(512);
        readonly StringBuilder _turn = new StringBuilder(8192);
        readonly List<SpokenLine> _said = new List<SpokenLine>();
        double _clearAt = double.PositiveInfinity;
        string _text = "";
        bool _open, _stale;

        /// <param name="most">Characters of a subtitle; a sentence's end also makes room.</param>
        public Subtitles(int most = 84) => _most = most;

        /// <summary>What is to be shown; made when it is asked for, so that nobody pays who shows none.</summary>
        public string Line
        {
            get
            {
                if (_stale) _text = _line.ToString();
                _stale = false;
                return _text;
            }
        }

        /// <summary>What the user is understood to be saying, while it may still change.</summary>
        public string Partial { get; private set; } = "";

        /// <summary>What was said so far, heard words only, oldest first.</summary>
        public IReadOnlyList<SpokenLine> Said => _said;

        public void Take(in Heard heard, double now)
        {
            switch (heard.Kind)
            {
                case HeardKind.Began:
                    _line.Clear();
                    _turn.Clear();
                    _open = true;
                    Show();
                    break;
                case HeardKind.Word when _open:
                    bool full = _line.Length + heard.Gap.Length + heard.Text.Length > _most || (_line.Length > _most / 2 && Stops(_line));
                    if (full) _line.Clear();
                    // A subtitle is one line: a line break of the text is a space in it.
                    Append(_line, heard.Gap.Replace('\r', ' ').Replace('\n', ' '), heard.Text);
                    Append(_turn, heard.Gap, heard.Text);
                    Show();
                    break;
                case HeardKind.Ended:
                    if (_open && _turn.Length > 0) Keep(new SpokenLine(false, _turn.ToString(), heard.Cut));
                    _open = false;
                    _clearAt = now + (heard.Cut ? 0.3 : Linger);
                    break;
            }
        }

        public void Take(in Transcript transcript)
        {
            Partial = transcript.Final ? "" : transcript.Text;
            if (transcript.Final) Keep(new SpokenLine(true, transcript.Text, false));
        }

        /// <summary>The user typed this.</summary>
        public void Typed(string text)
        {
            // Typing over a reply cuts it: what was heard of it comes before what was typed.
            if (_open && _turn.Length > 0) Keep(new SpokenLine(false, _turn.ToString(), true));
            _open = false;
            Keep(new SpokenLine(true, text, false));
        }

        public void Step(double now)
        {
            if (now < _clearAt) return;
            _line.Clear();
            Show();
        }

        void Show()
        {
            _stale = true;
            _clearAt = double.PositiveInfinity;
        }

        void Keep(in SpokenLine line)
        {
            if (_said.Count == MostKept) _said.RemoveAt(0);
            _said.Add(line);
        }

        static bool Stops(StringBuilder line)
        {
            int last = line.Length - 1;
            while (last > 0 && Closers.IndexOf(line[last]) >= 0) last--;
            return Ends.IndexOf(line[last]) >= 0;
        }

        static void Append(StringBuilder into, string gap, string word) => into.Append(into.Length > 0 ? gap : gap.TrimStart()).Append(word);
    }
}
