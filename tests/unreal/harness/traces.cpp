// The whole client over playout traces, less its socket and its sound output: `traces TRACE...`. Writes lines for the judge.
#include "line.h"

using namespace Harness;

namespace
{
	constexpr size_t Width = 3;
	constexpr double HalfTick = 0.5 / double(TicksPerSecond); // s; a pull is judged by what lies before its end

	class Listener final : IConversationEvents
	{
	public:
		explicit Listener(const Value& Given) : Trace(Given), Rate(Given["rate"].AsInt()), Fps(Given["fps"].AsInt()), Talk([this] { return std::make_unique<Line>(Cable); }, *this)
		{
			Talk.Open({}, 0);
			Welcomes(false);
			Talk.Update(0);
		}

		void Take(const Value& Message, double At)
		{
			if (Message["type"].AsString() == "welcome")
			{
				Cable.Events->OnClosed(*Cable.Open, 1006, "");
				Talk.Update(At);
				Welcomes(Message["resumed"].AsBool());
				return;
			}
			Value Whole = Message;
			if (Message.Has("samples"))
			{
				const int64_t Turn = Message["turn"].AsInt();
				Whole.Set("pcm", Pcm(Turn, Message["pts"].AsInt() * Rate / TicksPerSecond, Message["samples"].AsInt()));
				Whole.Set("face", Face(Turn, Message["face_pts"].AsInt() * Fps / TicksPerSecond, Message["frames"].AsInt()));
				Whole.Remove("samples");
				Whole.Remove("frames");
			}
			Says(Cable, Whole);
		}

		void Stop() { Talk.Stop(); }

		/// The next `Count` samples, 0 for none; what was heard, seen and reported, as the judge takes it.
		std::string Pull(size_t Count, double At)
		{
			std::vector<int16_t> Air(Count);
			Playout& Stream = *Talk.Sound().Attached();
			if (Count > 0) Stream.Read(Air.data(), Count);
			End += int64_t(Count);
			Talk.Update(At);
			std::vector<Heard> Due = std::move(Later);
			Later.clear();
			// A trace with `first` is told the face at the first sample of each pull, not at its end.
			Talk.Face().Advance(double(End) - (Trace.Has("first") ? double(Count) : HalfTick * double(Rate)));
			Collect(Due);
			if (Count > 0) Talk.Face().Sample(At + double(Count) / double(Rate), 0, Weights.data());
			int64_t Turn, Pts;
			Stream.Playhead(Turn, Pts);
			if (Turn != Talk.Face().Turn()) Edge(Due);
			std::string Reports, Interrupts;
			Told(Reports, Interrupts);
			std::string Bytes;
			for (const int16_t Each : Air)
			{
				Bytes += char(Each & 0xFF);
				Bytes += char(uint16_t(Each) >> 8);
			}
			std::string Faces;
			for (const float Each : Weights) Faces += (Faces.empty() ? "" : ",") + Value::OfFloat(double(Each)).Json();
			return "{\"air\":\"" + Base64(reinterpret_cast<const uint8_t*>(Bytes.data()), Bytes.size()) + "\",\"words\":" + Texts(Due, HeardKind::Word) +
				",\"cues\":" + Texts(Due, HeardKind::Cue) + ",\"face\":[" + Faces + "],\"reports\":[" + Reports + "],\"interrupts\":[" + Interrupts + "]}";
		}

	private:
		void Welcomes(bool Resumed)
		{
			Cable.Events->OnOpened(*Cable.Open);
			Value Given = Json(
				"{\"type\":\"welcome\",\"version\":1,\"server\":\"trace\",\"session\":\"s\",\"token\":\"t\",\"seq\":0,\"resume_s\":60.0,"
				"\"identity\":{\"name\":\"Mira\"},\"engines\":{},\"limits\":{\"message_bytes\":294912,\"text_chars\":2000,\"messages_per_s\":200,"
				"\"idle_s\":600.0},\"features\":[],\"audio\":{},\"face\":{\"profile\":\"arkit52\",\"names\":[\"jawOpen\",\"mouthClose\",\"headYaw\"]}}");
			Value Audio = Value::OfMap(), Faces = Given["face"];
			Audio.Set("rate", Value::OfInt(Rate));
			Faces.Set("fps", Value::OfInt(Fps)).Set("ranges", Trace["ranges"]);
			Given.Set("audio", Audio).Set("face", Faces).Set("resumed", Value::OfBool(Resumed)).Set("lead_ms", Trace["lead_ms"]);
			Says(Cable, Given);
		}

		static Value Pcm(int64_t Turn, int64_t First, int64_t Count)
		{
			std::vector<uint8_t> Made;
			for (int64_t Index = 0; Index < Count; Index++)
			{
				const int64_t Sample = ((First + Index) * 7919 + Turn * 10007) % 65536 - 32768;
				Made.push_back(uint8_t(Sample));
				Made.push_back(uint8_t(uint64_t(Sample) >> 8));
			}
			return Value::OfBytes(Made.data(), Made.size());
		}

		static Value Face(int64_t Turn, int64_t First, int64_t Count)
		{
			std::vector<uint8_t> Made;
			for (int64_t Frame = First; Frame < First + Count; Frame++)
				for (int64_t Channel = 0; Channel < int64_t(Width); Channel++) Made.push_back(uint8_t(Turn == 0 ? Frame : Frame * Frame + 50 * Channel + Turn));
			return Value::OfBytes(Made.data(), Made.size());
		}

		void Collect(std::vector<Heard>& Into)
		{
			Heard Each;
			while (Talk.Face().Next(Each)) Into.push_back(Each);
		}

		// A turn that ends with the last sample ends in this pull; what begins with the next sample belongs to the next.
		void Edge(std::vector<Heard>& Due)
		{
			Talk.Face().Advance(double(End));
			std::vector<Heard> All;
			Collect(All);
			for (const Heard& Each : All)
			{
				bool Over = false;
				for (const Heard& Other : All) Over |= Other.Kind == HeardKind::Ended && Other.Turn == Each.Turn;
				(Over ? Due : Later).push_back(Each);
			}
		}

		// What the client sent since the last pull or tick.
		void Told(std::string& Reports, std::string& Interrupts)
		{
			while (!Cable.Sent.empty())
			{
				const Value Message = Cable.Sent.front();
				Cable.Sent.pop_front();
				const std::string& Type = Message["type"].AsString();
				const std::string Place = "[" + Message["turn"].Json() + "," + Message["pts"].Json();
				if (Type == "playhead") Reports += (Reports.empty() ? "" : ",") + Place + "," + Message["seq"].Json() + "]";
				if (Type == "interrupt") Interrupts += (Interrupts.empty() ? "" : ",") + Place + "]";
				if (Type == "ping")
				{
					Value Pong = Value::OfMap();
					Pong.Set("type", Value::OfString("pong")).Set("stamp", Message["stamp"]).Set("server", Value::OfFloat(1));
					Says(Cable, Pong);
				}
			}
		}

		static std::string Texts(const std::vector<Heard>& Due, HeardKind Kind)
		{
			std::string Made;
			for (const Heard& Each : Due)
				if (Each.Kind == Kind) Made += (Made.empty() ? "\"" : ",\"") + Each.Text + "\"";
			return "[" + Made + "]";
		}

		const Value& Trace;
		const int64_t Rate, Fps;
		Wire Cable;
		Conversation Talk;
		std::vector<Heard> Later; // falls due with the first sample of the next pull
		std::array<float, Width> Weights{};
		int64_t End = 0; // samples pulled
	};
}

int main(int Count, char** Paths)
{
	for (int Index = 1; Index < Count; Index++)
	{
		const Value Trace = Json(Slurp(Paths[Index]));
		std::printf("{\"trace\":\"%s\"}\n", Trace["name"].AsString().c_str());
		Listener Client(Trace);
		for (const Value& Step : Trace["steps"].Items())
		{
			const double At = Step["at"].AsFloat() / 1000;
			if (Step.Has("take")) Client.Take(Step["take"], At);
			else if (Step.Has("stop")) Client.Stop();
			else std::printf("%s\n", Client.Pull(size_t(Step["pull"].AsInt()), At).c_str());
		}
	}
	return 0;
}
