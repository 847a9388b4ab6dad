// What a message said, as fields by their names on the wire.
using System;
using System.Collections.Generic;
using System.Linq;
using CompanionBridge;

public sealed class Told : IServerMessages
{
    public static readonly Dictionary<string, Value> Defaults = Json.Parse(
        "{\"reason\":\"\",\"notice\":\"\",\"watch\":\"\",\"turn\":0,\"seq\":0,\"utterance\":0,\"pcm\":\"\",\"face_pts\":0,\"at\":0.0,\"companion\":\"main\",\"face\":\"\"," +
        "\"source\":\"\",\"intensity\":1.0,\"gap\":\" \",\"arguments\":{},\"timeout_ms\":10000,\"fatal\":false,\"kind\":\"talk\",\"item\":0,\"word\":\"\",\"minutes\":\"\",\"private\":false,\"memory\":false,\"count\":0,\"retry_after_s\":0.0}").Fields.ToDictionary(field => field.Key, field => field.Value);

    public readonly Dictionary<string, Value> Fields = new Dictionary<string, Value>();

    public Value this[string name] { set { Fields[name] = value; } }

    void Type(string name) { Fields.Clear(); this["type"] = Value.Of(name); }

    static Value Texts(IEnumerable<string> all) { return Value.Of(all.Select(Value.Of).ToList()); }

    public void OnWelcome(Welcome w)
    {
        Type("welcome");
        this["version"] = Value.Of(w.Version);
        this["server"] = Value.Of(w.Server);
        this["session"] = Value.Of(w.Session);
        this["token"] = Value.Of(w.Token);
        this["watch"] = Value.Of(w.Watch);
        this["resumed"] = Value.Of(w.Resumed);
        this["seq"] = Value.Of(w.Seq);
        this["reason"] = Value.Of(w.Reason);
        this["resume_s"] = Value.Of(w.ResumeSeconds);
        this["lead_ms"] = Value.Of(w.LeadMs);
        this["audio"] = Value.Of(new Dictionary<string, Value> { { "codec", Value.Of(w.Codec) }, { "rate", Value.Of(w.Rate) } });
        List<Value> ranges = w.Face.Low.Zip(w.Face.High, (low, high) => Value.Of(new List<Value> { Value.Of(low), Value.Of(high) })).ToList();
        this["face"] = Value.Of(new Dictionary<string, Value>
        {
            { "profile", Value.Of(w.Face.Profile) }, { "fps", Value.Of(w.Face.Fps) }, { "names", Texts(w.Face.Names) }, { "ranges", Value.Of(ranges) },
        });
        this["identity"] = Person(w.Identity);
        if (w.Identities.Length > 0) this["identities"] = Value.Of(w.Identities.Select(Person).ToList());
        if (w.Model.Length > 0) this["model"] = Value.Of(w.Model);
        if (w.Models.Length > 0) this["models"] = Texts(w.Models);
        this["engines"] = Value.Of(w.Engines.ToDictionary(each => each.Key, each => Value.Of(each.Value)));
        this["limits"] = Value.Of(new Dictionary<string, Value>
        {
            { "message_bytes", Value.Of(w.MessageBytes) }, { "text_chars", Value.Of(w.TextChars) },
            { "messages_per_s", Value.Of(w.MessagesPerSecond) }, { "idle_s", Value.Of(w.IdleSeconds) },
        });
        this["features"] = Texts(w.Features);
        this["notice"] = Value.Of(w.Notice);
        this["memory"] = Value.Of(w.Memory);
    }

    static Value Person(Identity who)
    {
        Dictionary<string, Value> said = new Dictionary<string, Value> { { "name", Value.Of(who.Name) } };
        var texts = new Dictionary<string, string>
        {
            { "id", who.Id }, { "description", who.Description }, { "language", who.Language }, { "locale", who.Locale },
            { "disclosure", who.Disclosure }, { "portrait", who.Portrait }, { "head", who.Head },
        };
        foreach (KeyValuePair<string, string> text in texts) if (text.Value.Length > 0) said[text.Key] = Value.Of(text.Value);
        if (who.Languages.Length > 0) said["languages"] = Texts(who.Languages);
        if (who.Voices.Length > 0) said["voices"] = Texts(who.Voices);
        if (who.Draft) said["draft"] = Value.Of(true);
        return Value.Of(said);
    }

    public void OnState(CompanionState state, long turn) { Type("state"); this["state"] = Value.Of(state.ToString().ToLowerInvariant()); Turn(turn); }

    public void OnTranscript(in Transcript t)
    {
        Type("transcript");
        this["utterance"] = Value.Of(t.Utterance);
        this["text"] = Value.Of(t.Text);
        this["final"] = Value.Of(t.Final);
        this["seq"] = Value.Of(t.Seq);
    }

    public void OnReplyStart(long turn, long seq, long utterance, string companion) { Type("reply_start"); Turn(turn, seq); this["utterance"] = Value.Of(utterance); this["companion"] = Value.Of(companion); }

    public void OnWord(in Word w) { Type("text"); Turn(w.Turn, w.Seq); this["text"] = Value.Of(w.Text); this["pts"] = Value.Of(w.Pts); this["end"] = Value.Of(w.End); this["gap"] = Value.Of(w.Gap); }

    public void OnMedia(in Media m)
    {
        Type("media");
        Turn(m.Turn, m.Seq);
        this["pts"] = Value.Of(m.Pts);
        this["pcm"] = Value.Of(m.Pcm.ToArray());
        this["face_pts"] = Value.Of(m.FacePts);
        this["at"] = Value.Of(m.At);
        this["face"] = Value.Of(m.Face.ToArray());
        this["source"] = Value.Of(m.Source == FaceSource.None ? "" : m.Source.ToString().ToLowerInvariant());
        if (m.Pcm.Count == 0) this["pcm"] = Value.Of("");
        if (m.Face.Count == 0) this["face"] = Value.Of("");
    }

    public void OnCue(in Cue c)
    {
        Type("cue");
        Turn(c.Turn, c.Seq);
        this["pts"] = Value.Of(c.Pts);
        this["kind"] = Value.Of(c.Emotion ? "emotion" : "gesture");
        this["name"] = Value.Of(c.Name);
        this["intensity"] = Value.Of(Math.Round(c.Intensity, 6));
    }

    public void OnToolCall(ToolCall c)
    {
        Type("tool_call");
        Turn(c.Turn, c.Seq);
        this["call"] = Value.Of(c.Call);
        this["name"] = Value.Of(c.Name);
        this["arguments"] = c.Arguments;
        this["timeout_ms"] = Value.Of(c.TimeoutMs);
    }

    public void OnInterrupted(long turn, long seq, long pts) { Type("interrupted"); Turn(turn, seq); this["pts"] = Value.Of(pts); }

    public void OnReplyEnd(in ReplyEnd e)
    {
        Type("reply_end");
        Turn(e.Turn, e.Seq);
        this["pts"] = Value.Of(e.Pts);
        this["text"] = Value.Of(e.Text);
        this["reason"] = Value.Of(e.Reason == EndReason.Complete ? "" : e.Reason == EndReason.TooLong ? "too_long" : e.Reason == EndReason.Cut ? "cut" : "failed");
        if (e.Sources.Length > 0) this["sources"] = Value.Of(e.Sources.Select(Cited).ToList());
    }

    static Value Cited(Passage from)
    {
        Dictionary<string, Value> said = new Dictionary<string, Value> { { "title", Value.Of(from.Title) } };
        if (from.File.Length > 0) said["file"] = Value.Of(from.File);
        if (from.Page > 0) said["page"] = Value.Of(from.Page);
        if (from.Quote.Length > 0) said["quote"] = Value.Of(from.Quote);
        return Value.Of(said);
    }

    public void OnIdentity(Identity who) { Type("identity"); this["identity"] = Person(who); }

    public void OnMemory(MemoryAnswer a)
    {
        Type("memory");
        this["op"] = Value.Of(a.Op.ToString().ToLowerInvariant());
        this["on"] = Value.Of(a.On);
        if (a.Facts.Count > 0) this["facts"] = Value.Of(a.Facts.Select(Remembered).ToList());
        if (a.Episodes.Count > 0) this["episodes"] = Texts(a.Episodes);
        this["count"] = Value.Of(a.Count);
        if (a.Blob.Length > 0) this["blob"] = Value.Of(a.Blob);
    }

    static Value Remembered(MemoryFact fact)
    {
        Dictionary<string, Value> said = new Dictionary<string, Value> { { "id", Value.Of(fact.Id) }, { "kind", Value.Of(fact.Kind) }, { "text", Value.Of(fact.Text) } };
        if (fact.Day.Length > 0) said["day"] = Value.Of(fact.Day);
        return Value.Of(said);
    }

    public void OnRoom(RoomState room)
    {
        Type("room");
        this["room"] = Value.Of(room.Name);
        this["you"] = Value.Of(room.You);
        this["kind"] = Value.Of(room.Kind);
        if (room.People.Count > 0) this["people"] = Value.Of(room.People.Select(Present).ToList());
        if (room.Companions.Count > 0) this["companions"] = Value.Of(room.Companions.Select(Cast).ToList());
        if (room.Agenda.Count > 0) this["agenda"] = Value.Of(room.Agenda.Select(Planned).ToList());
        this["item"] = Value.Of(room.Item);
        this["word"] = Value.Of(room.Word);
        this["minutes"] = Value.Of(room.Minutes);
    }

    static Value Present(RoomPerson who)
    {
        Dictionary<string, Value> said = new Dictionary<string, Value> { { "name", Value.Of(who.Name) } };
        if (who.Host) said["host"] = Value.Of(true);
        if (who.Hand) said["hand"] = Value.Of(true);
        if (!who.Here) said["here"] = Value.Of(false);
        return Value.Of(said);
    }

    static Value Cast(RoomCompanion who)
    {
        Dictionary<string, Value> said = new Dictionary<string, Value> { { "companion", Value.Of(who.Key) }, { "identity", Person(who.Identity) } };
        if (who.HasPlace) said["place"] = Value.Of(new List<Value> { Value.Of(who.Right), Value.Of(who.Up), Value.Of(who.Forward) });
        return Value.Of(said);
    }

    static Value Planned(AgendaItem item)
    {
        Dictionary<string, Value> said = new Dictionary<string, Value> { { "title", Value.Of(item.Title) } };
        if (item.Minutes > 0) said["minutes"] = Value.Of(item.Minutes);
        if (item.SpentSeconds > 0) said["spent_s"] = Value.Of(item.SpentSeconds);
        return Value.Of(said);
    }

    public void OnSaid(in Said s)
    {
        Type("said");
        this["seq"] = Value.Of(s.Seq);
        this["by"] = Value.Of(s.By);
        this["text"] = Value.Of(s.Text);
        this["private"] = Value.Of(s.Private);
    }

    public void OnError(ServerError e)
    {
        Type("error");
        this["code"] = Value.Of(e.Code);
        this["message"] = Value.Of(e.Message);
        this["fatal"] = Value.Of(e.Fatal);
        this["retry_after_s"] = Value.Of(e.RetryAfter);
        Turn(e.Turn);
    }

    public void OnPong(double stamp, double server) { Type("pong"); this["stamp"] = Value.Of(stamp); this["server"] = Value.Of(server); }

    void Turn(long turn, long seq = 0) { this["turn"] = Value.Of(turn); if (seq > 0) this["seq"] = Value.Of(seq); }
}
