// Reads and writes the golden vectors: `vectors FOLDER NAME...`. One line for each: `ok NAME` or `FAIL NAME: why`.
#include "line.h"

#include <algorithm>
#include <cmath>

using namespace Harness;

namespace
{
	int Failed = 0;

	void Tell(const std::string& Name, const std::string& Why)
	{
		Failed += !Why.empty();
		std::printf(Why.empty() ? "ok %s\n" : "FAIL %s: %s\n", Name.c_str(), Why.c_str());
	}

	/// Keeps the fields of the one message that it is told, under the names of the wire.
	class Told final : public IServerMessages
	{
	public:
		Value Fields = Value::OfMap();
		Value Defaults = Value::OfMap();

		void OnWelcome(const Welcome& Given) override
		{
			Put("version", Value::OfInt(Given.Version));
			for (const auto& Each : {std::pair("server", &Given.Server), {"session", &Given.Session}, {"token", &Given.Token}, {"watch", &Given.Watch}, {"reason", &Given.Reason}, {"notice", &Given.Notice}, {"model", &Given.Model}})
				Put(Each.first, Value::OfString(*Each.second), Value::OfString(""));
			Put("resumed", Value::OfBool(Given.Resumed));
			Put("seq", Value::OfInt(Given.Seq));
			Put("resume_s", Value::OfFloat(Given.ResumeSeconds));
			Put("lead_ms", Value::OfInt(Given.LeadMs));
			Value Audio = Value::OfMap(), Face = Value::OfMap(), Ranges = Value::OfList(), Engines = Value::OfMap(), Limits = Value::OfMap(), People = Value::OfList();
			Audio.Set("codec", Value::OfString("pcm_s16le")).Set("rate", Value::OfInt(Given.Rate));
			for (size_t At = 0; At < Given.Face.Width(); At++) Ranges.Add(Value::OfList().Add(Value::OfFloat(Given.Face.Low[At])).Add(Value::OfFloat(Given.Face.High[At])));
			Face.Set("profile", Value::OfString(Given.Face.Profile)).Set("fps", Value::OfInt(Given.Face.Fps)).Set("names", Strings(Given.Face.Names)).Set("ranges", Ranges);
			for (const auto& Each : Given.Engines) Engines.Set(Each.first, Value::OfString(Each.second));
			Limits.Set("message_bytes", Value::OfInt(Given.MessageBytes)).Set("text_chars", Value::OfInt(Given.TextChars));
			Limits.Set("messages_per_s", Value::OfInt(Given.MessagesPerSecond)).Set("idle_s", Value::OfFloat(Given.IdleSeconds));
			for (const Identity& Each : Given.Identities) People.Add(Person(Each));
			Put("audio", Audio);
			Put("face", Face);
			Put("identity", Person(Given.Identity));
			Put("identities", People, Value::OfList());
			Put("models", Strings(Given.Models), Value::OfList());
			Put("engines", Engines);
			Put("limits", Limits);
			Put("features", Strings(Given.Features));
			Put("memory", Value::OfBool(Given.Memory), Value::OfBool(false));
		}

		void OnState(State Now, int64_t Turn) override
		{
			const char* Names[] = {"idle", "listening", "thinking", "speaking", "overlap"};
			Put("state", Value::OfString(Names[int(Now)]));
			Put("turn", Value::OfInt(Turn), Value::OfInt(0));
		}

		void OnTranscript(const Transcript& Given) override
		{
			Put("utterance", Value::OfInt(Given.Utterance));
			Put("text", Value::OfString(Given.Text));
			Put("final", Value::OfBool(Given.Final));
			Put("seq", Value::OfInt(Given.Seq), Value::OfInt(0));
		}

		void OnReplyStart(int64_t Turn, int64_t Seq, int64_t Utterance, std::string_view) override
		{
			Place(Turn, Seq);
			Put("utterance", Value::OfInt(Utterance), Value::OfInt(0));
		}

		void OnWord(const Word& Given) override
		{
			Place(Given.Turn, Given.Seq);
			Put("text", Value::OfString(Given.Text));
			Put("gap", Value::OfString(Given.Gap), Value::OfString(" "));
			Put("pts", Value::OfInt(Given.Pts));
			Put("end", Value::OfInt(Given.End));
		}

		void OnMedia(const Media& Given) override
		{
			const char* Sources[] = {"", "exact", "aligned", "audio"};
			Place(Given.Turn, Given.Seq);
			Put("pts", Value::OfInt(Given.Pts));
			Put("pcm", Value::OfBytes(Given.Pcm.Data, Given.Pcm.Size), Value::OfBytes(nullptr, 0));
			Put("face_pts", Value::OfInt(Given.FacePts), Value::OfInt(0));
			Put("at", Value::OfFloat(Given.At), Value::OfFloat(0));
			Put("face", Value::OfBytes(Given.Face.Data, Given.Face.Size), Value::OfBytes(nullptr, 0));
			Put("source", Value::OfString(Sources[int(Given.Source)]), Value::OfString(""));
		}

		void OnCue(const Cue& Given) override
		{
			Place(Given.Turn, Given.Seq);
			Put("pts", Value::OfInt(Given.Pts));
			Put("kind", Value::OfString(Given.Emotion ? "emotion" : "gesture"));
			Put("name", Value::OfString(Given.Name));
			// The wire's floats are of 64 bits, this client's of 32.
			Put("intensity", Value::OfFloat(std::strtod(Value::OfFloat(std::round(double(Given.Intensity) * 1e6) / 1e6).Json().c_str(), nullptr)), Value::OfFloat(1));
		}

		void OnToolCall(ToolCall Given) override
		{
			Place(Given.Turn, Given.Seq);
			Put("call", Value::OfInt(Given.Call));
			Put("name", Value::OfString(Given.Name));
			Put("arguments", Given.Arguments, Value::OfMap());
			Put("timeout_ms", Value::OfInt(Given.TimeoutMs), Value::OfInt(10000));
		}

		void OnInterrupted(int64_t Turn, int64_t Seq, int64_t Pts) override
		{
			Place(Turn, Seq);
			Put("pts", Value::OfInt(Pts));
		}

		void OnReplyEnd(const ReplyEnd& Given) override
		{
			const char* Reasons[] = {"complete", "failed", "too_long", "cut"};
			Place(Given.Turn, Given.Seq);
			Put("pts", Value::OfInt(Given.Pts));
			Put("text", Value::OfString(Given.Text));
			Put("reason", Value::OfString(Reasons[int(Given.Reason)]), Value::OfString("complete"));
			Value Sources = Value::OfList();
			for (const Passage& Each : Given.Sources)
			{
				Value Made = Value::OfMap();
				Made.Set("title", Value::OfString(Each.Title));
				if (!Each.File.empty()) Made.Set("file", Value::OfString(Each.File));
				if (Each.Page > 0) Made.Set("page", Value::OfInt(Each.Page));
				if (!Each.Quote.empty()) Made.Set("quote", Value::OfString(Each.Quote));
				Sources.Add(Made);
			}
			Put("sources", Sources, Value::OfList());
		}

		void OnIdentity(const Identity& Given) override { Put("identity", Person(Given)); }

		void OnMemory(const MemoryAnswer& Given) override
		{
			const char* Names[] = {"agree", "refuse", "tell", "forget", "erase", "export", "import"};
			Value Facts = Value::OfList();
			for (const MemoryFact& Each : Given.Facts)
			{
				Value Made = Value::OfMap();
				Made.Set("id", Value::OfInt(Each.Id)).Set("kind", Value::OfString(Each.Kind)).Set("text", Value::OfString(Each.Text));
				if (!Each.Day.empty()) Made.Set("day", Value::OfString(Each.Day));
				Facts.Add(Made);
			}
			Put("op", Value::OfString(Names[int(Given.Op)]));
			Put("on", Value::OfBool(Given.On));
			Put("facts", Facts, Value::OfList());
			Put("episodes", Strings(Given.Episodes), Value::OfList());
			Put("count", Value::OfInt(Given.Count), Value::OfInt(0));
			Put("blob", Value::OfBytes(Given.Blob.data(), Given.Blob.size()), Value::OfBytes(nullptr, 0));
		}

		void OnRoom(const RoomState& Given) override
		{
			Value People = Value::OfList(), Companions = Value::OfList(), Agenda = Value::OfList();
			for (const RoomPerson& Each : Given.People)
			{
				Value Made = Value::OfMap();
				Made.Set("name", Value::OfString(Each.Name));
				if (Each.Host) Made.Set("host", Value::OfBool(true));
				if (Each.Hand) Made.Set("hand", Value::OfBool(true));
				if (!Each.Here) Made.Set("here", Value::OfBool(false));
				People.Add(Made);
			}
			for (const RoomCompanion& Each : Given.Companions)
			{
				Value Made = Value::OfMap(), Who = Value::OfMap();
				Who.Set("id", Value::OfString(Each.Id)).Set("name", Value::OfString(Each.Name));
				Made.Set("companion", Value::OfString(Each.Key)).Set("identity", Who);
				if (Each.HasPlace) Made.Set("place", Value::OfList().Add(Value::OfFloat(Each.Right)).Add(Value::OfFloat(Each.Up)).Add(Value::OfFloat(Each.Forward)));
				Companions.Add(Made);
			}
			for (const AgendaItem& Each : Given.Agenda)
			{
				Value Made = Value::OfMap();
				Made.Set("title", Value::OfString(Each.Title));
				if (Each.Minutes > 0) Made.Set("minutes", Value::OfFloat(Each.Minutes));
				if (Each.SpentSeconds > 0) Made.Set("spent_s", Value::OfFloat(Each.SpentSeconds));
				Agenda.Add(Made);
			}
			Put("room", Value::OfString(Given.Name));
			Put("you", Value::OfString(Given.You));
			Put("kind", Value::OfString(Given.Kind), Value::OfString("talk"));
			Put("people", People, Value::OfList());
			Put("companions", Companions, Value::OfList());
			Put("agenda", Agenda, Value::OfList());
			Put("item", Value::OfInt(Given.Item), Value::OfInt(0));
			Put("word", Value::OfString(Given.Word), Value::OfString(""));
			Put("minutes", Value::OfString(Given.Minutes), Value::OfString(""));
		}

		void OnSaid(const Said& Given) override
		{
			Put("seq", Value::OfInt(Given.Seq));
			Put("by", Value::OfString(Given.By));
			Put("text", Value::OfString(Given.Text));
			Put("private", Value::OfBool(Given.Private), Value::OfBool(false));
		}

		void OnError(const ServerError& Given) override
		{
			Put("code", Value::OfString(Given.Code));
			Put("message", Value::OfString(Given.Message));
			Put("fatal", Value::OfBool(Given.Fatal), Value::OfBool(false));
			Put("turn", Value::OfInt(Given.Turn), Value::OfInt(0));
			Put("retry_after_s", Value::OfFloat(Given.RetryAfter), Value::OfFloat(0));
		}

		void OnPong(double Stamp, double Server) override
		{
			Put("stamp", Value::OfFloat(Stamp));
			Put("server", Value::OfFloat(Server));
		}

	private:
		void Put(const char* Name, Value Given, Value Default = {})
		{
			Fields.Set(Name, std::move(Given));
			Defaults.Set(Name, std::move(Default));
		}

		void Place(int64_t Turn, int64_t Seq)
		{
			Put("turn", Value::OfInt(Turn));
			Put("seq", Value::OfInt(Seq), Value::OfInt(0));
		}

		static Value Strings(const std::vector<std::string>& All)
		{
			Value Made = Value::OfList();
			for (const std::string& Each : All) Made.Add(Value::OfString(Each));
			return Made;
		}

		static Value Person(const Identity& Given)
		{
			Value Made = Value::OfMap();
			for (const auto& Each : {std::pair("id", &Given.Id), {"name", &Given.Name}, {"description", &Given.Description}, {"language", &Given.Language}, {"locale", &Given.Locale},
				{"disclosure", &Given.Disclosure}, {"portrait", &Given.Portrait}, {"head", &Given.Head}})
				if (!Each.second->empty()) Made.Set(Each.first, Value::OfString(*Each.second));
			if (!Given.Languages.empty()) Made.Set("languages", Strings(Given.Languages));
			if (!Given.Voices.empty()) Made.Set("voices", Strings(Given.Voices));
			if (Given.Draft) Made.Set("draft", Value::OfBool(true));
			return Made;
		}
	};

	const uint8_t* Bytes(const std::string& Text) { return reinterpret_cast<const uint8_t*>(Text.data()); }

	// Bytes are strings of base64 in JSON: compared as they stand there.
	bool SameJson(const Value& One, const Value& Other) { return Json(One.Json()).Same(Json(Other.Json())); }

	std::string Compare(const std::string& Message, const Value& Wanted)
	{
		Told Sink;
		std::string Why;
		const Reading Done = ReadServerMessage(Bytes(Message), Message.size(), Sink, Why);
		if (Done != Reading::Taken) return Done == Reading::Unknown ? "its type is unknown" : Why;
		for (const auto& Each : Wanted.Fields())
		{
			// Of features that this client does not ask for, and what was added to see it skipped.
			if (Each.first == "type" || Each.first == "phones" || Each.first == "timings" || Each.first == "at" || Each.first == "companion" || Each.first == "x_new") continue;
			if (!Sink.Fields.Has(Each.first)) return Each.first + " is missing";
			if (!SameJson(Sink.Fields[Each.first], Each.second)) return Each.first + " is " + Sink.Fields[Each.first].Json();
		}
		for (const auto& Each : Sink.Fields.Fields())
			if (!Wanted.Has(Each.first) && !SameJson(Each.second, Sink.Defaults[Each.first])) return Each.first + " is " + Each.second.Json() + " where its default is due";
		return {};
	}

	bool Write(const std::string& Name, Writer& To)
	{
		const uint8_t Tone[] = {0, 0, 255, 127, 1, 128, 0, 0}, Picture[] = {0xFF, 0xD8, 0xFF, 0xD9};
		const uint8_t WebP[] = {'R', 'I', 'F', 'F', 4, 0, 0, 0, 'W', 'E', 'B', 'P'};
		Hello Given;
		if (Name == "hello_full")
		{
			Given.Client = "unity/0.1.0";
			Given.Token = "eyJ.e30.sig";
			Given.Codecs = {"pcm_s16le", "opus"};
			Given.EchoCancelled = Given.Greet = true;
			Given.LeadMs = 500;
			Given.FaceProfile = "oculus15";
			Given.FaceFps = 30;
			Given.Language = "en-US";
			Given.User = "Åsa";
			Given.Features = {"idle_face"};
		}
		if (Name == "hello_identity")
		{
			Given.Identity = "keeper";
			Given.Voice = "amy";
			Given.Language = "de";
		}
		if (Name == "hello_model") Given.Model = "qwen3:8b";
		if (Name == "hello_seen") Given.SeenNames = {"jawOpen", "mouthSmileLeft", "mouthSmileRight"};
		if (Name == "hello_memory")
		{
			Given.Memory = "on";
			Given.Language = "de";
		}
		if (Name == "hello_room")
		{
			Given.User = "Åsa";
			Given.Room = "kitchen";
			Given.RoomKey = "secret";
			Given.RoomKind = "meeting";
			Given.RoomCast = {{"main", "mira", "", true, -1.5, 0, 2}, {"keeper", "keeper", "amy"}};
			Given.RoomAgenda = {{"Lenses", 7.5}, {"灯塔"}};
		}
		if (Name == "hello_viewer")
		{
			Given.Viewer = true;
			Given.WatchSession = "s-1";
			Given.WatchToken = "secret";
		}
		const Value Schema = Json("{\"type\":\"object\",\"properties\":{\"door\":{\"type\":\"string\",\"enum\":[\"north\",\"south\"]}},\"required\":[\"door\"]}");
		if (Name == "hello_resume") WriteHello(To, Given, "s-1", "secret", 417);
		else if (Name.rfind("hello", 0) == 0) WriteHello(To, Given);
		else if (Name == "mic") WriteMic(To, 320, Tone, sizeof Tone);
		else if (Name == "talk_on") WriteTalk(To, true, 16000);
		else if (Name == "talk_off") WriteTalk(To, false, 48000);
		else if (Name == "text_user") WriteText(To, "What is a comet? ☄");
		else if (Name == "text_private") WriteText(To, "What is a lens?", "keeper", true);
		else if (Name == "playhead") WritePlayhead(To, 3, 96000, 417);
		else if (Name == "playhead_far") WritePlayhead(To, 3, Reader::SafeInt, Reader::SafeInt);
		else if (Name == "interrupt") WriteInterrupt(To, 3, 96000);
		else if (Name == "interrupt_any") WriteInterrupt(To, 0, -1);
		else if (Name == "context") WriteContext(To, {{"time of day", "dusk"}, {"weapon", ""}}, {"The door creaks open."}, Respond::Auto);
		else if (Name == "tools") WriteTools(To, {{"open_door", "Opens a door of the room.", Schema}});
		else if (Name == "tools_none") WriteTools(To, {});
		else if (Name == "tool_result") WriteToolResult(To, 7, ToolStatus::Ok, "The north door is open.");
		else if (Name == "tool_result_failed") WriteToolResult(To, 8, ToolStatus::Failed, "It is locked.");
		else if (Name == "camera") WriteCamera(To, Picture, sizeof Picture);
		else if (Name == "camera_look") WriteCamera(To, WebP, sizeof WebP, "webp", 7);
		else if (Name == "seen_nobody") WriteSeen(To, {});
		else if (Name == "seen")
		{
			SeenFace First, Second;
			First.Weights = {0, 128, 255};
			First.Yaw = -12.5;
			First.Pitch = 4;
			First.Roll = 0.5;
			First.HasGaze = First.HasPlace = true;
			First.GazeX = 0.25;
			First.GazeY = -0.125;
			First.PlaceX = -0.5;
			First.PlaceY = 0.25;
			First.Size = 0.375;
			Second.Id = 2;
			Second.Present = false;
			WriteSeen(To, {First, Second});
		}
		else if (Name == "memory_ask") WriteMemory(To, MemoryOp::Tell);
		else if (Name == "memory_forget") WriteMemory(To, MemoryOp::Forget, {3, 41});
		else if (Name == "memory_import") WriteMemory(To, MemoryOp::Import, {}, {0x63, 0x62, 0x6D, 0x31, 0, 255});
		else if (Name == "room_hand") WriteRoom(To, RoomOp::Hand);
		else if (Name == "room_give") WriteRoom(To, RoomOp::Give, "Åsa");
		else if (Name == "ping") WritePing(To, 123456.5);
		else if (Name == "bye") WriteBye(To);
		else return false;
		return true;
	}
}

namespace
{
	// Answers that are none: each is refused as a whole.
	void WrongMemories()
	{
		for (const char* Each : {"{\"op\":\"tell\"}", "{\"op\":\"dream\",\"on\":true}", "{\"op\":\"tell\",\"on\":1}", "{\"op\":\"tell\",\"on\":true,\"facts\":{}}",
			"{\"op\":\"tell\",\"on\":true,\"facts\":[{\"id\":0,\"kind\":\"pet\",\"text\":\"x\"}]}", "{\"op\":\"tell\",\"on\":true,\"facts\":[{\"id\":1,\"kind\":\"pet\"}]}",
			"{\"op\":\"tell\",\"on\":true,\"episodes\":[7]}", "{\"op\":\"erase\",\"on\":true,\"count\":-1}", "{\"op\":\"export\",\"on\":true,\"blob\":\"text\"}"})
		{
			Value Made = Json(Each);
			Made.Set("type", Value::OfString("memory"));
			Writer To;
			Made.Write(To);
			Told Sink;
			std::string Why;
			Tell(std::string("refused ") + Each, ReadServerMessage(To.Bytes().data(), To.Bytes().size(), Sink, Why) == Reading::Broken ? "" : "was taken");
		}
	}

	// Rooms that are none: each is refused as a whole.
	void WrongRooms()
	{
		for (const char* Each : {"{\"type\":\"room\",\"room\":\"k\"}", "{\"type\":\"room\",\"room\":\"k\",\"you\":\"A\",\"people\":[7]}", "{\"type\":\"room\",\"room\":\"k\",\"you\":\"A\",\"people\":[{\"name\":\"A\",\"hand\":1}]}",
			"{\"type\":\"room\",\"room\":\"k\",\"you\":\"A\",\"companions\":[{}]}", "{\"type\":\"room\",\"room\":\"k\",\"you\":\"A\",\"item\":-1}", "{\"type\":\"room\",\"room\":\"k\",\"you\":\"A\",\"agenda\":{}}",
			"{\"type\":\"said\",\"seq\":4,\"by\":\"B\"}", "{\"type\":\"said\",\"by\":\"B\",\"text\":\"x\"}"})
		{
			Writer To;
			Json(Each).Write(To);
			Told Sink;
			std::string Why;
			Tell(std::string("refused ") + Each, ReadServerMessage(To.Bytes().data(), To.Bytes().size(), Sink, Why) == Reading::Broken ? "" : "was taken");
		}
	}

	class Remembering final : public IConversationEvents
	{
	public:
		std::vector<MemoryAnswer> Answers;

		void OnMemory(const MemoryAnswer& Given) override { Answers.push_back(Given); }
	};

	// What a conversation asks of a server with a memory, and of one without.
	std::string Asks(const char* Features, bool Has)
	{
		Remembering Events;
		Wire Cable;
		Conversation Talk([&Cable] { return std::make_unique<Line>(Cable); }, Events);
		Talk.Open({}, 0);
		Cable.Events->OnOpened(*Cable.Open);
		Says(Cable, Json(std::string("{\"type\":\"welcome\",\"version\":1,\"server\":\"v\",\"session\":\"s\",\"token\":\"t\",\"resumed\":false,\"seq\":0,\"resume_s\":60.0,\"lead_ms\":300,"
			"\"audio\":{},\"face\":{\"profile\":\"none\",\"fps\":60,\"names\":[],\"ranges\":[]},\"identity\":{\"name\":\"Mira\"},\"engines\":{},"
			"\"limits\":{\"message_bytes\":1,\"text_chars\":1,\"messages_per_s\":1,\"idle_s\":1.0},\"features\":[") + Features + "]}"));
		if (Talk.HasMemory() != Has || Talk.AskMemory(MemoryOp::Agree) != Has || Talk.ForgetFacts({3}) != Has || Talk.ImportMemory({1, 2}) != Has) return "does not heed the feature";
		if (Talk.AskMemory(MemoryOp::Forget) || Talk.ForgetFacts({}) || Talk.ForgetFacts(std::vector<int64_t>(65)) || Talk.ImportMemory(std::vector<uint8_t>(65537))) return "does not keep the bounds";
		std::string Sent;
		for (const Value& Each : Cable.Sent)
			if (Each["type"].AsString() == "memory") Sent += Each["op"].AsString() + " ";
		if (Sent != (Has ? "agree forget import " : "")) return "sent " + Sent;
		Says(Cable, Json("{\"type\":\"memory\",\"op\":\"forget\",\"on\":true,\"count\":1}"));
		return Events.Answers.size() == 1 && Events.Answers[0].Op == MemoryOp::Forget && Events.Answers[0].Count == 1 ? "" : "the answer was not told";
	}
}

int main(int Count, char** Given)
{
	WrongMemories();
	WrongRooms();
	Tell("memory is asked", Asks("\"memory\"", true));
	Tell("no memory is asked", Asks("\"text\"", false));
	for (int Index = 2; Index < Count; Index++)
	{
		const std::string Name = Given[Index], Path = std::string(Given[1]) + "/" + Name;
		const std::string Message = Slurp(Path + ".msgpack");
		Reader From(Bytes(Message), Message.size());
		const Value Read = Value::Read(From);
		Tell("read whole " + Name, !From.Ok() ? From.Why() : !From.AtEnd() ? "bytes follow" : "");
		Writer Again;
		Read.Write(Again);
		const bool Equal = Again.Bytes().size() == Message.size() && std::equal(Message.begin(), Message.end(), Again.Bytes().begin(), [](char One, uint8_t Other) { return uint8_t(One) == Other; });
		Tell("copied " + Name, Equal ? "" : "differs when written again");
		Tell("json " + Name, SameJson(Read, Json(Slurp(Path + ".json"))) ? "" : Read.Json());
		Writer Mine;
		if (Write(Name, Mine))
		{
			Reader Back(Mine.Bytes().data(), Mine.Bytes().size());
			Tell("written " + Name, Value::Read(Back).Same(Read) ? "" : "is not the vector");
			continue;
		}
		Tell("told " + Name, Compare(Message, Read));
		Value More = Read;
		More.Set("x_new", Json("{\"a\": [1, null]}"));
		Writer Grown;
		More.Write(Grown);
		Tell("skipped " + Name, Compare({Grown.Bytes().begin(), Grown.Bytes().end()}, More));
		int Survived = 0;
		for (size_t Length = 0; Length < Message.size(); Length++)
		{
			Told Sink;
			std::string Why;
			Survived += ReadServerMessage(Bytes(Message), Length, Sink, Why) == Reading::Broken;
		}
		Tell("cut " + Name, Survived == int(Message.size()) ? "" : "was taken although it was cut short");
	}
	const std::string Unknown = "\x82\xa4type\xa5x_new\xa4turn\xa9no number";
	Told Sink;
	std::string Why;
	Tell("unknown type", ReadServerMessage(Bytes(Unknown), Unknown.size(), Sink, Why) == Reading::Unknown ? "" : "was taken, or broke: " + Why);
	return Failed == 0 ? 0 : 1;
}
