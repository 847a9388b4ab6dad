#include "Companion/Messages.h"

#include <algorithm>
#include <cmath>

namespace Companion
{
	namespace
	{
		size_t Begin(Writer& To, std::string_view Type)
		{
			const size_t Map = To.Begin();
			To.Field(Map, "type").String(Type);
			return Map;
		}

		void Words(Writer& To, size_t Map, std::string_view Name, std::string_view Text)
		{
			if (!Text.empty()) To.Field(Map, Name).String(Text);
		}

		void Strings(Writer& To, const std::vector<std::string>& All)
		{
			To.List(All.size());
			for (const std::string& Each : All) To.String(Each);
		}

		void Floats(Writer& To, std::initializer_list<double> All, double Most)
		{
			To.List(All.size());
			for (const double Each : All) To.Float(std::isfinite(Each) ? std::clamp(Each, -Most, Most) : 0);
		}

		void Held(Writer& To, std::string_view Session, std::string_view Secret, int64_t Seq)
		{
			const size_t Map = To.Begin();
			To.Field(Map, "session").String(Session);
			To.Field(Map, "token").String(Secret);
			To.Field(Map, "seq").Int(Seq);
		}
	}

	void WriteHello(Writer& To, const Hello& Given, std::string_view Session, std::string_view Secret, int64_t Seq)
	{
		const size_t Map = Begin(To, "hello");
		Words(To, Map, "client", Given.Client);
		if (Given.Companion != "main") To.Field(Map, "companion").String(Given.Companion);
		Words(To, Map, "identity", Given.Identity);
		Words(To, Map, "voice", Given.Voice);
		Words(To, Map, "model", Given.Model);
		if (Given.Viewer) To.Field(Map, "role").String("viewer");
		Words(To, Map, "token", Given.Token);
		if (!Session.empty()) Held(To.Field(Map, "resume"), Session, Secret, Seq);
		if (!Given.WatchSession.empty()) Held(To.Field(Map, "watch"), Given.WatchSession, Given.WatchToken, 0);
		const bool Plain = Given.Codecs.size() == 1 && Given.Codecs[0] == "pcm_s16le";
		if (!Plain || Given.EchoCancelled || Given.LeadMs > 0)
		{
			To.Field(Map, "audio");
			const size_t Audio = To.Begin();
			if (!Plain) Strings(To.Field(Audio, "codecs"), Given.Codecs);
			if (Given.EchoCancelled) To.Field(Audio, "aec").Bool(true);
			if (Given.LeadMs > 0) To.Field(Audio, "lead_ms").Int(std::clamp(Given.LeadMs, 100, 2000));
		}
		if (Given.FaceProfile != "arkit52" || Given.FaceFps != 60)
		{
			To.Field(Map, "face");
			const size_t Face = To.Begin();
			if (Given.FaceProfile != "arkit52") To.Field(Face, "profile").String(Given.FaceProfile);
			if (Given.FaceFps != 60) To.Field(Face, "fps").Int(Given.FaceFps);
		}
		Words(To, Map, "language", Given.Language);
		Words(To, Map, "user", Given.User);
		if (Given.Greet) To.Field(Map, "greet").Bool(true);
		Words(To, Map, "memory", Given.Memory);
		if (!Given.Room.empty())
		{
			To.Field(Map, "room");
			const size_t Room = To.Begin();
			To.Field(Room, "name").String(Given.Room);
			Words(To, Room, "key", Given.RoomKey);
			WriteOpening(To, Room, Given.RoomKind, Given.RoomCast, Given.RoomAgenda);
		}
		if (!Given.Features.empty()) Strings(To.Field(Map, "features"), Given.Features);
		if (Given.SeenNames.empty()) return;
		To.Field(Map, "seen");
		const size_t Seen = To.Begin();
		Strings(To.Field(Seen, "names"), Given.SeenNames);
	}

	void WriteMic(Writer& To, int64_t Pts, const uint8_t* Data, size_t Size)
	{
		const size_t Map = Begin(To, "mic");
		To.Field(Map, "pts").Int(Pts);
		To.Field(Map, "data").Binary(Data, Size);
	}

	void WriteTalk(Writer& To, bool On, int64_t Pts)
	{
		const size_t Map = Begin(To, "talk");
		To.Field(Map, "on").Bool(On);
		if (Pts != 0) To.Field(Map, "pts").Int(Pts);
	}

	void WriteText(Writer& To, std::string_view Text, std::string_view Companion, bool Private)
	{
		const size_t Map = Begin(To, "text");
		To.Field(Map, "text").String(Text);
		if (Private) To.Field(Map, "private").Bool(true);
		if (!Companion.empty()) To.Field(Map, "companion").String(Companion);
	}

	void WritePlayhead(Writer& To, int64_t Turn, int64_t Pts, int64_t Seq)
	{
		const size_t Map = Begin(To, "playhead");
		To.Field(Map, "turn").Int(Turn);
		To.Field(Map, "pts").Int(Pts);
		To.Field(Map, "seq").Int(Seq);
	}

	void WriteInterrupt(Writer& To, int64_t Turn, int64_t Pts)
	{
		const size_t Map = Begin(To, "interrupt");
		if (Turn != 0) To.Field(Map, "turn").Int(Turn);
		if (Pts >= 0) To.Field(Map, "pts").Int(Pts);
	}

	void WriteContext(Writer& To, const States& Given, const std::vector<std::string>& Events, Respond Wish)
	{
		const size_t Map = Begin(To, "context");
		if (!Given.empty())
		{
			To.Field(Map, "states").Map(Given.size());
			for (const auto& Each : Given)
			{
				To.String(Each.first);
				To.String(Each.second);
			}
		}
		if (!Events.empty()) Strings(To.Field(Map, "events"), Events);
		if (Wish != Respond::Silent) To.Field(Map, "respond").String(Wish == Respond::Auto ? "auto" : "must");
	}

	void WriteTools(Writer& To, const std::vector<ToolSpec>& Tools)
	{
		const size_t Map = Begin(To, "tools");
		To.Field(Map, "tools").List(Tools.size());
		for (const ToolSpec& Each : Tools)
		{
			const size_t Item = To.Begin();
			To.Field(Item, "name").String(Each.Name);
			Words(To, Item, "description", Each.Description);
			if (!Each.Parameters.Fields().empty()) Each.Parameters.Write(To.Field(Item, "parameters"));
		}
	}

	void WriteToolResult(Writer& To, int64_t Call, ToolStatus Status, std::string_view Given)
	{
		const size_t Map = Begin(To, "tool_result");
		To.Field(Map, "call").Int(Call);
		if (Status != ToolStatus::Ok) To.Field(Map, "status").String(Status == ToolStatus::Failed ? "failed" : "cancelled");
		Words(To, Map, "value", Given);
	}

	void WriteSeen(Writer& To, const std::vector<SeenFace>& Faces)
	{
		constexpr size_t Most = 4;
		const size_t Map = Begin(To, "seen");
		To.Field(Map, "faces").List(std::min(Most, Faces.size()));
		for (size_t At = 0; At < std::min(Most, Faces.size()); At++)
		{
			const SeenFace& Face = Faces[At];
			const size_t Item = To.Begin();
			To.Field(Item, "id").Int(Face.Id);
			if (!Face.Present) To.Field(Item, "present").Bool(false);
			if (!Face.Weights.empty()) To.Field(Item, "weights").Binary(Face.Weights.data(), Face.Weights.size());
			if (Face.Yaw != 0 || Face.Pitch != 0 || Face.Roll != 0) Floats(To.Field(Item, "pose"), {Face.Yaw, Face.Pitch, Face.Roll}, 180);
			if (Face.HasGaze) Floats(To.Field(Item, "gaze"), {Face.GazeX, Face.GazeY}, 1);
			if (Face.HasPlace) Floats(To.Field(Item, "place"), {Face.PlaceX, Face.PlaceY}, 1);
			if (Face.Size > 0) To.Field(Item, "size").Float(std::min(1.0, Face.Size));
		}
	}

	void WriteCamera(Writer& To, const uint8_t* Data, size_t Size, std::string_view Format, int64_t Call)
	{
		const size_t Map = Begin(To, "camera");
		To.Field(Map, "data").Binary(Data, Size);
		if (Format != "jpeg") To.Field(Map, "format").String(Format);
		if (Call != 0) To.Field(Map, "call").Int(Call);
	}

	void WritePing(Writer& To, double Stamp)
	{
		const size_t Map = Begin(To, "ping");
		To.Field(Map, "stamp").Float(Stamp);
	}

	void WriteBye(Writer& To) { Begin(To, "bye"); }
}
