#include "Companion/Messages.h"

#include <algorithm>

namespace Companion
{
	namespace
	{
		enum Has : uint32_t
		{
			Turn = 1u << 0, Seq = 1u << 1, Pts = 1u << 2, End = 1u << 3, Text = 1u << 4, Utterance = 1u << 5, Name = 1u << 6, Kind = 1u << 7,
			Call = 1u << 8, Code = 1u << 9, StateOf = 1u << 10, Final = 1u << 11, Stamp = 1u << 12, Server = 1u << 13, Pcm = 1u << 14,
			FacePts = 1u << 15, Face = 1u << 16, Source = 1u << 17, Intensity = 1u << 18, Arguments = 1u << 19, Timeout = 1u << 20,
			Reason = 1u << 21, Message = 1u << 22, Fatal = 1u << 23, Retry = 1u << 24, Gap = 1u << 25, Sources = 1u << 26, Who = 1u << 27,
			AtOf = 1u << 28, WhoseOf = 1u << 29,
		};

		struct FieldName
		{
			std::string_view Text;
			Has Bit;
		};

		constexpr FieldName FieldNames[] = {
			{"turn", Turn}, {"seq", Seq}, {"pts", Pts}, {"pcm", Pcm}, {"face_pts", FacePts}, {"face", Face}, {"source", Source},
			{"end", End}, {"text", Text}, {"gap", Gap}, {"utterance", Utterance}, {"name", Name}, {"kind", Kind}, {"call", Call},
			{"code", Code}, {"state", StateOf}, {"final", Final}, {"stamp", Stamp}, {"server", Server}, {"intensity", Intensity},
			{"arguments", Arguments}, {"timeout_ms", Timeout}, {"reason", Reason}, {"message", Message}, {"fatal", Fatal},
			{"retry_after_s", Retry}, {"sources", Sources}, {"identity", Who}, {"at", AtOf}, {"companion", WhoseOf},
		};

		enum class Type : uint8_t { Media, Word, State, Transcript, ReplyStart, Cue, ToolCall, Interrupted, ReplyEnd, Identity, Error, Pong, Unknown };

		// A field is known only in the types that have it: elsewhere a later version may use its name otherwise.
		struct TypeName
		{
			std::string_view Text;
			Type Is;
			uint32_t Takes, Needs;
		};

		constexpr TypeName TypeNames[] = {
			{"media", Type::Media, Turn | Seq | Pts | Pcm | FacePts | Face | Source | AtOf, Turn | Pts},
			{"text", Type::Word, Turn | Seq | Text | Pts | End | Gap, Turn | Seq | Text | Pts | End},
			{"state", Type::State, StateOf | Turn, StateOf},
			{"transcript", Type::Transcript, Utterance | Text | Final | Seq, Utterance | Text | Final},
			{"reply_start", Type::ReplyStart, Turn | Seq | Utterance | WhoseOf, Turn | Seq},
			{"cue", Type::Cue, Turn | Seq | Pts | Kind | Name | Intensity, Turn | Seq | Pts | Kind | Name},
			{"tool_call", Type::ToolCall, Turn | Seq | Call | Name | Arguments | Timeout, Turn | Seq | Call | Name},
			{"interrupted", Type::Interrupted, Turn | Seq | Pts, Turn | Seq | Pts},
			{"reply_end", Type::ReplyEnd, Turn | Seq | Pts | Text | Reason | Sources, Turn | Seq | Pts | Text},
			{"identity", Type::Identity, Who, Who},
			{"error", Type::Error, Code | Message | Fatal | Turn | Retry, Code | Message},
			{"pong", Type::Pong, Stamp | Server, Stamp | Server},
		};

		struct Fields
		{
			int64_t Turn = 0, Seq = 0, Pts = 0, End = 0, FacePts = 0, Utterance = 0, Call = 0, Timeout = 10000;
			Segment Pcm, Face;
			std::string_view Text, Gap = " ", Whose = "main", Name, Kind, Code, State, Reason, Message, Source;
			bool Final = false, Fatal = false;
			double Intensity = 1, Retry = 0, Stamp = 0, Server = 0, At = 0;
			Value Arguments = Value::OfMap();
			std::vector<Passage> Sources;
			Identity Who;
		};

		int64_t Count(Reader& From)
		{
			const int64_t Given = From.Int();
			if (Given < 0) From.Fail("a number that counts is below 0");
			return Given;
		}

		std::vector<Passage> ReadSources(Reader& From)
		{
			std::vector<Passage> Made;
			const Value List = Value::Read(From);
			if (List.Type() != WireType::List) From.Fail("sources are not a list");
			for (size_t At = 0; At < std::min<size_t>(4, List.Items().size()); At++)
			{
				const Value& Each = List.Items()[At];
				if (Each["title"].Type() != WireType::String) From.Fail("a source has no title");
				Made.push_back({Each["title"].AsString(), Each["file"].AsString(), Each["quote"].AsString(), std::clamp<int64_t>(Each["page"].AsInt(), 0, 100000)});
			}
			return Made;
		}

		std::string Words(const Value& Map, std::string_view Name, Reader& From)
		{
			const Value& Found = Map[Name];
			if (!Found.IsNil() && Found.Type() != WireType::String) From.Fail("a field of welcome is not a string");
			return Found.AsString();
		}

		int64_t Whole(const Value& Map, std::string_view Name, int64_t Least, int64_t Most, Reader& From)
		{
			const Value& Found = Map[Name];
			if (Found.Type() != WireType::Int || Found.AsInt() < Least) From.Fail("a number of welcome is missing or too small");
			return std::min(Most, Found.AsInt());
		}

		double Real(const Value& Map, std::string_view Name, Reader& From)
		{
			if (!Map[Name].IsNumber()) From.Fail("a number of welcome is missing");
			return Map[Name].AsFloat();
		}

		const Value& Of(const Value& Map, std::string_view Name, WireType Kind, Reader& From)
		{
			if (Map[Name].Type() != Kind) From.Fail("a field of welcome is missing or of another type");
			return Map[Name];
		}

		std::vector<std::string> Strings(const Value& List, Reader& From)
		{
			std::vector<std::string> Made;
			for (const Value& Each : List.Items())
			{
				if (Each.Type() != WireType::String) From.Fail("a list of welcome holds what is not a string");
				Made.push_back(Each.AsString());
			}
			return Made;
		}

		Identity ReadIdentity(const Value& Map, Reader& From)
		{
			Identity Made;
			if (!Map.Has("name")) From.Fail("an identity has no name");
			Made.Id = Words(Map, "id", From);
			Made.Name = Words(Map, "name", From);
			Made.Description = Words(Map, "description", From);
			Made.Language = Words(Map, "language", From);
			Made.Locale = Words(Map, "locale", From);
			Made.Disclosure = Words(Map, "disclosure", From);
			Made.Portrait = Words(Map, "portrait", From);
			Made.Head = Words(Map, "head", From);
			if (Map.Has("languages")) Made.Languages = Strings(Of(Map, "languages", WireType::List, From), From);
			if (Map.Has("voices")) Made.Voices = Strings(Of(Map, "voices", WireType::List, From), From);
			if (Map.Has("draft")) Made.Draft = Of(Map, "draft", WireType::Bool, From).AsBool();
			return Made;
		}

		void Take(Has Field, Reader& From, Fields& Into)
		{
			switch (Field)
			{
				case Turn: Into.Turn = Count(From); break;
				case Seq: Into.Seq = Count(From); break;
				case Pts: Into.Pts = Count(From); break;
				case End: Into.End = Count(From); break;
				case FacePts: Into.FacePts = Count(From); break;
				case Utterance: Into.Utterance = Count(From); break;
				case Call: Into.Call = Count(From); break;
				case Timeout: Into.Timeout = Count(From); break;
				case Pcm: Into.Pcm = From.Bytes(); break;
				case Face: Into.Face = From.Bytes(); break;
				case Source: Into.Source = From.String(); break;
				case Text: Into.Text = From.String(); break;
				case Message: Into.Message = From.String(); break;
				case WhoseOf: Into.Whose = From.String(); break;
				case Gap: Into.Gap = From.String(); break;
				case Name: Into.Name = From.String(); break;
				case Kind: Into.Kind = From.String(); break;
				case Code: Into.Code = From.String(); break;
				case StateOf: Into.State = From.String(); break;
				case Reason: Into.Reason = From.String(); break;
				case Final: Into.Final = From.Bool(); break;
				case Fatal: Into.Fatal = From.Bool(); break;
				case Intensity: Into.Intensity = From.Float(); break;
				case Retry: Into.Retry = From.Float(); break;
				case AtOf: Into.At = From.Float(); break;
				case Stamp: Into.Stamp = From.Float(); break;
				case Server: Into.Server = From.Float(); break;
				case Arguments:
					if (From.Peek() != WireType::Map) From.Fail("arguments are not a map");
					Into.Arguments = Value::Read(From);
					break;
				case Sources: Into.Sources = ReadSources(From); break;
				case Who:
					if (From.Peek() != WireType::Map) From.Fail("identity is not a map");
					Into.Who = ReadIdentity(Value::Read(From), From);
					break;
			}
		}

		State StateNamed(std::string_view Text, Reader& From)
		{
			if (Text == "idle") return State::Idle;
			if (Text == "listening") return State::Listening;
			if (Text == "thinking") return State::Thinking;
			if (Text == "speaking") return State::Speaking;
			if (Text == "overlap") return State::Overlap;
			From.Fail("a state is none of the protocol");
			return State::Idle;
		}

		FaceSource SourceNamed(std::string_view Text, Reader& From)
		{
			if (Text.empty()) return FaceSource::None;
			if (Text == "exact") return FaceSource::Exact;
			if (Text == "aligned") return FaceSource::Aligned;
			if (Text == "audio") return FaceSource::Audio;
			From.Fail("media.source is none of the protocol");
			return FaceSource::None;
		}

		// Reasons may grow: an unknown one is an ordinary end.
		EndReason ReasonNamed(std::string_view Text)
		{
			return Text == "cut" ? EndReason::Cut : Text == "failed" ? EndReason::Failed : Text == "too_long" ? EndReason::TooLong : EndReason::Complete;
		}

		FaceFormat ReadFace(const Value& Map, Reader& From)
		{
			FaceFormat Made;
			Made.Profile = Words(Map, "profile", From);
			Made.Names = Strings(Of(Map, "names", WireType::List, From), From);
			const std::vector<Value>& Ranges = Of(Map, "ranges", WireType::List, From).Items();
			const int64_t Fps = Whole(Map, "fps", 1, 1 << 20, From);
			if (Made.Names.empty() || !From.Ok())
			{
				Made.Names.clear();
				return Made;
			}
			if (Fps > 1000 || TicksPerSecond % Fps != 0) From.Fail("the face frames of a second do not divide 48000");
			if (Made.Names.size() > 1024 || Ranges.size() != Made.Names.size()) From.Fail("the face's names and ranges do not fit");
			if (!From.Ok()) return Made;
			Made.Fps = int(Fps);
			for (const Value& Each : Ranges)
			{
				if (Each.Items().size() != 2 || !Each.Items()[0].IsNumber() || !Each.Items()[1].IsNumber()) From.Fail("a range of the face is not a pair of numbers");
				if (!From.Ok()) return Made;
				Made.Low.push_back(Each.Items()[0].AsFloat());
				Made.High.push_back(Each.Items()[1].AsFloat());
			}
			return Made;
		}

		Welcome ReadWelcome(const Value& Map, Reader& From)
		{
			constexpr size_t Listed = 256; // identities that are kept
			for (const char* Name : {"version", "server", "session", "token", "resumed", "seq", "resume_s", "lead_ms", "audio", "face", "identity", "engines", "limits", "features"})
				if (!Map.Has(Name)) From.Fail("welcome lacks a field");
			Welcome Made;
			Made.Version = int(Whole(Map, "version", 0, INT32_MAX, From));
			Made.Server = Words(Map, "server", From);
			Made.Session = Words(Map, "session", From);
			Made.Token = Words(Map, "token", From);
			Made.Watch = Words(Map, "watch", From);
			Made.Reason = Words(Map, "reason", From);
			Made.Notice = Words(Map, "notice", From);
			Made.Resumed = Of(Map, "resumed", WireType::Bool, From).AsBool();
			if (Map.Has("memory")) Made.Memory = Of(Map, "memory", WireType::Bool, From).AsBool();
			Made.Seq = Whole(Map, "seq", 0, Reader::SafeInt, From);
			Made.ResumeSeconds = Real(Map, "resume_s", From);
			Made.LeadMs = int(Whole(Map, "lead_ms", 0, 600000, From));
			const Value& Audio = Of(Map, "audio", WireType::Map, From);
			const std::string Codec = Words(Audio, "codec", From);
			if (!Codec.empty() && Codec != "pcm_s16le") From.Fail("the server sends a codec that was not asked for");
			const int64_t Rate = Audio.Has("rate") ? Whole(Audio, "rate", 1, 1 << 20, From) : 24000;
			if (Rate < 1 || Rate > TicksPerSecond || TicksPerSecond % Rate != 0) From.Fail("the samples of a second do not divide 48000");
			Made.Rate = int(Rate);
			Made.Face = ReadFace(Of(Map, "face", WireType::Map, From), From);
			Made.Identity = ReadIdentity(Of(Map, "identity", WireType::Map, From), From);
			if (Map.Has("identities"))
				for (const Value& Each : Of(Map, "identities", WireType::List, From).Items())
				{
					if (Each.Type() != WireType::Map) From.Fail("identities holds what is not a map");
					if (Made.Identities.size() < Listed) Made.Identities.push_back(ReadIdentity(Each, From));
				}
			Made.Model = Words(Map, "model", From);
			if (Map.Has("models")) Made.Models = Strings(Of(Map, "models", WireType::List, From), From);
			for (const auto& Each : Of(Map, "engines", WireType::Map, From).Fields()) Made.Engines.emplace_back(Each.first, Each.second.AsString());
			const Value& Limits = Of(Map, "limits", WireType::Map, From);
			Made.MessageBytes = Whole(Limits, "message_bytes", 0, INT32_MAX, From);
			Made.TextChars = Whole(Limits, "text_chars", 0, INT32_MAX, From);
			Made.MessagesPerSecond = Whole(Limits, "messages_per_s", 0, INT32_MAX, From);
			Made.IdleSeconds = Real(Limits, "idle_s", From);
			Made.Features = Strings(Of(Map, "features", WireType::List, From), From);
			return Made;
		}

		std::string_view FindType(Reader& From, uint32_t Fields)
		{
			std::string_view Found;
			for (uint32_t Index = 0; Index < Fields && From.Ok(); Index++)
			{
				const std::string_view Key = From.String();
				if (Key == "type")
				{
					Found = From.String();
					if (Index == 0) return Found; // the common case; a repeated key is not looked for
				}
				else From.Skip();
			}
			if (Found.empty()) From.Fail("a message has no type");
			return Found;
		}

		void Dispatch(Type Is, Fields& Read, Reader& From, IServerMessages& Sink)
		{
			switch (Is)
			{
				case Type::Media:
				{
					if (Read.Pcm.Size % 2 != 0) From.Fail("media.pcm has half of a sample");
					const Media Made{Read.Turn, Read.Seq, Read.Pts, Read.FacePts, Read.Pcm, Read.Face, SourceNamed(Read.Source, From), Read.At};
					if (From.Ok()) Sink.OnMedia(Made);
					break;
				}
				case Type::Word: Sink.OnWord({Read.Turn, Read.Seq, Read.Pts, Read.End, Read.Text, Read.Gap}); break;
				case Type::State:
				{
					const State Now = StateNamed(Read.State, From);
					if (From.Ok()) Sink.OnState(Now, Read.Turn);
					break;
				}
				case Type::Transcript: Sink.OnTranscript({Read.Utterance, Read.Seq, Read.Text, Read.Final}); break;
				case Type::ReplyStart: Sink.OnReplyStart(Read.Turn, Read.Seq, Read.Utterance, Read.Whose); break;
				case Type::Cue:
					if (Read.Kind != "emotion" && Read.Kind != "gesture") From.Fail("cue.kind is none of the protocol");
					if (From.Ok()) Sink.OnCue({Read.Turn, Read.Seq, Read.Pts, Read.Kind == "emotion", Read.Name, float(Read.Intensity)});
					break;
				case Type::ToolCall: Sink.OnToolCall({Read.Turn, Read.Seq, Read.Call, std::string(Read.Name), std::move(Read.Arguments), Read.Timeout}); break;
				case Type::Interrupted: Sink.OnInterrupted(Read.Turn, Read.Seq, Read.Pts); break;
				case Type::ReplyEnd: Sink.OnReplyEnd({Read.Turn, Read.Seq, Read.Pts, Read.Text, ReasonNamed(Read.Reason), std::move(Read.Sources)}); break;
				case Type::Identity: Sink.OnIdentity(Read.Who); break;
				case Type::Error: Sink.OnError({std::string(Read.Code), std::string(Read.Message), Read.Fatal, Read.Turn, Read.Retry}); break;
				case Type::Pong: Sink.OnPong(Read.Stamp, Read.Server); break;
				case Type::Unknown: break;
			}
		}
	}

	int FaceFormat::IndexOf(std::string_view Name) const
	{
		for (size_t At = 0; At < Names.size(); At++)
			if (Names[At] == Name) return int(At);
		return -1;
	}

	bool Welcome::Has(std::string_view Feature) const { return std::find(Features.begin(), Features.end(), Feature) != Features.end(); }

	Reading ReadServerMessage(const uint8_t* Data, size_t Size, IServerMessages& Sink, std::string& Why)
	{
		Reader From(Data, Size);
		if (From.Peek() != WireType::Map) From.Fail("a message is a map");
		const uint32_t Count = From.Map();
		const size_t Start = From.Position();
		const std::string_view Name = FindType(From, Count);
		const TypeName* Known = nullptr;
		for (const TypeName& Each : TypeNames)
			if (Each.Text == Name) Known = &Each;
		From.Seek(Start);
		if (From.Ok() && Name == "welcome")
		{
			From.Seek(0);
			const Welcome Made = ReadWelcome(Value::Read(From), From);
			if (From.Ok() && !From.AtEnd()) From.Fail("bytes follow the message");
			if (From.Ok())
			{
				Sink.OnWelcome(Made);
				return Reading::Taken;
			}
		}
		if (From.Ok() && Name == "memory")
		{
			From.Seek(0);
			const MemoryAnswer Made = ReadMemory(Value::Read(From), From);
			if (From.Ok() && !From.AtEnd()) From.Fail("bytes follow the message");
			if (From.Ok())
			{
				Sink.OnMemory(Made);
				return Reading::Taken;
			}
		}
		if (From.Ok() && (Name == "room" || Name == "said"))
		{
			const bool Told = Name == "said";
			From.Seek(0);
			const Value Map = Value::Read(From);
			const RoomState Room = Told ? RoomState() : ReadRoom(Map, From);
			const Said Words = Told ? ReadSaid(Map, From) : Said();
			if (From.Ok() && !From.AtEnd()) From.Fail("bytes follow the message");
			if (From.Ok())
			{
				if (Told) Sink.OnSaid(Words);
				else Sink.OnRoom(Room);
				return Reading::Taken;
			}
		}
		Fields Read;
		uint32_t Found = 0;
		for (uint32_t Index = 0; Index < Count && From.Ok(); Index++)
		{
			const std::string_view Key = From.String();
			uint32_t Bit = 0;
			for (const FieldName& Each : FieldNames)
				if (Each.Text == Key) Bit = Each.Bit;
			Bit &= Known ? Known->Takes : 0;
			Found |= Bit;
			if (Bit == 0) From.Skip();
			else Take(Has(Bit), From, Read);
		}
		if (From.Ok() && !From.AtEnd()) From.Fail("bytes follow the message");
		if (From.Ok() && Known && (Found & Known->Needs) != Known->Needs) From.Fail("a message lacks a field that it must have");
		if (From.Ok() && Known) Dispatch(Known->Is, Read, From, Sink);
		if (From.Ok()) return Known ? Reading::Taken : Reading::Unknown;
		Why = From.Why();
		return Reading::Broken;
	}
}
