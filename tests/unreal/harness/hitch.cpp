// What a lead is for: a game that stands still for a while, and with it the socket that lives on its thread, while the sound
// output goes on. `hitch LEAD_MS HITCH_MS` plays 20 s against a server that paces by playheads; prints how often it ran dry.
#include "line.h"

#include <algorithm>
#include <cmath>

using namespace Harness;

namespace
{
	constexpr double Tick = 0.01, Every = 1.0;

	class Deaf final : public IConversationEvents
	{
	};

	Value Piece(int64_t Seq, int64_t Pts)
	{
		const std::vector<uint8_t> Pcm(4800, 1);
		Value Made = Value::OfMap();
		Made.Set("type", Value::OfString("media")).Set("turn", Value::OfInt(1)).Set("seq", Value::OfInt(Seq)).Set("pts", Value::OfInt(Pts));
		return Made.Set("pcm", Value::OfBytes(Pcm.data(), Pcm.size()));
	}
}

int main(int, char** Given)
{
	const int64_t Lead = std::strtol(Given[1], nullptr, 10);
	const double Hitch = double(std::strtol(Given[2], nullptr, 10)) / 1000;
	Deaf Events;
	Wire Cable;
	Conversation Talk([&Cable] { return std::make_unique<Line>(Cable); }, Events);
	SessionSettings Settings;
	Settings.Hello.LeadMs = int(Lead);
	Talk.Open(Settings, 0);
	Cable.Events->OnOpened(*Cable.Open);
	const int64_t Asked = Cable.Sent.front()["audio"]["lead_ms"].AsInt();
	if (Asked != Lead)
	{
		std::fprintf(stderr, "hello asks for %lld ms\n", static_cast<long long>(Asked));
		return 1;
	}
	Value Welcome = Json(
		"{\"type\":\"welcome\",\"version\":1,\"server\":\"s\",\"session\":\"s\",\"token\":\"t\",\"resumed\":false,\"seq\":0,\"resume_s\":60.0,"
		"\"audio\":{},\"face\":{\"profile\":\"none\",\"fps\":60,\"names\":[],\"ranges\":[]},\"identity\":{\"name\":\"Mira\"},"
		"\"engines\":{},\"limits\":{\"message_bytes\":1,\"text_chars\":1,\"messages_per_s\":1,\"idle_s\":1.0},\"features\":[]}");
	Says(Cable, Welcome.Set("lead_ms", Value::OfInt(Lead)));
	Says(Cable, Json("{\"type\":\"reply_start\",\"turn\":1,\"seq\":1}"));
	int64_t Seq = 1, Pts = 0, Heard = 0;
	double HeardAt = 0;
	std::deque<Value> OnItsWay;
	float Sound[480];
	for (double Now = 0; Now < 20; Now += Tick)
	{
		// The server: it carries the playhead on by its own clock for a second.
		for (const Value& Each : Cable.Sent)
			if (Each["type"].AsString() == "playhead") Heard = Each["pts"].AsInt(), HeardAt = Now;
		Cable.Sent.clear();
		const double Played = double(Heard) + std::min(1.0, Now - HeardAt) * double(TicksPerSecond);
		while (double(Pts) < Played + double(Lead) / 1000 * double(TicksPerSecond))
		{
			OnItsWay.push_back(Piece(++Seq, Pts));
			Pts += 4800;
		}
		// The game: it stands still for a while each second, but not in the first.
		const bool Still = Now > Every && std::fmod(Now, Every) < Hitch;
		if (!Still)
		{
			for (const Value& Each : OnItsWay) Says(Cable, Each);
			OnItsWay.clear();
			Talk.Update(Now);
		}
		Talk.Fill(Sound, 480, Now);
	}
	std::printf("%lld\n", static_cast<long long>(Talk.Sound().Attached()->Underruns()));
	return 0;
}
