// How long the hot paths take, in nanoseconds, and what they allocate: `speed`. One JSON line each.
#include "sinks/quiet.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <new>

using namespace Harness;

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete" // both are replaced here
#endif

namespace
{
	long Allocations = 0;
}

void* operator new(std::size_t Size)
{
	Allocations++;
	if (void* Made = std::malloc(Size == 0 ? 1 : Size)) return Made;
	std::abort();
}

void operator delete(void* Given) noexcept { std::free(Given); }
void operator delete(void* Given, std::size_t) noexcept { std::free(Given); }

namespace
{
	constexpr int Rounds = 20000, Warm = 2000;
	constexpr size_t Channels = 55;

	class Deaf final : public IConversationEvents
	{
	};

	std::vector<uint8_t> Packed(const Value& Given)
	{
		Writer To;
		Given.Write(To);
		return To.Bytes();
	}

	Value Piece(int64_t Turn, int64_t Seq, int64_t Pts)
	{
		std::vector<uint8_t> Pcm(4800), Face(6 * Channels);
		for (size_t At = 0; At < Pcm.size(); At++) Pcm[At] = uint8_t(At * 7);
		for (size_t At = 0; At < Face.size(); At++) Face[At] = uint8_t(At * 3);
		Value Made = Value::OfMap();
		Made.Set("type", Value::OfString("media")).Set("turn", Value::OfInt(Turn)).Set("seq", Value::OfInt(Seq)).Set("pts", Value::OfInt(Pts));
		Made.Set("pcm", Value::OfBytes(Pcm.data(), Pcm.size())).Set("face_pts", Value::OfInt(Pts)).Set("face", Value::OfBytes(Face.data(), Face.size()));
		return Made.Set("source", Value::OfString("exact"));
	}

	template <typename Act>
	void Measure(const char* Name, Act&& Do)
	{
		std::vector<double> Took;
		Took.reserve(Rounds);
		for (int Round = 0; Round < Warm; Round++) Do();
		long Made = 0;
		for (int Round = 0; Round < Rounds; Round++)
		{
			const long Before = Allocations;
			const auto From = std::chrono::steady_clock::now();
			Do();
			Took.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - From).count());
			Made += Allocations - Before;
		}
		std::sort(Took.begin(), Took.end());
		std::printf("{\"what\":\"%s\",\"p50\":%.0f,\"p95\":%.0f,\"p99\":%.0f,\"count\":%d,\"allocations\":%ld}\n", Name, Took[Rounds / 2], Took[Rounds * 95 / 100], Took[Rounds * 99 / 100], Rounds, Made);
	}

	// A conversation in the middle of a reply that never ends: 100 ms of it for each ten frames of 10 ms.
	struct Talking
	{
		Deaf Events;
		Wire Cable;
		Conversation Talk;
		int64_t Seq = 1, Pts = 0;
		double Now = 0;

		Talking() : Talk([this] { return std::make_unique<Line>(Cable); }, Events)
		{
			Value Names = Value::OfList(), Ranges = Value::OfList();
			for (size_t Index = 0; Index < Channels; Index++)
			{
				Names.Add(Value::OfString("channel" + std::to_string(Index)));
				Ranges.Add(Value::OfList().Add(Value::OfFloat(0)).Add(Value::OfFloat(1)));
			}
			Value Given = Json(
				"{\"type\":\"welcome\",\"version\":1,\"server\":\"s\",\"session\":\"s\",\"token\":\"t\",\"resumed\":false,\"seq\":0,\"resume_s\":60.0,\"lead_ms\":600,"
				"\"audio\":{},\"face\":{\"profile\":\"arkit52\",\"fps\":60},\"identity\":{\"name\":\"Mira\"},"
				"\"engines\":{},\"limits\":{\"message_bytes\":1,\"text_chars\":1,\"messages_per_s\":1,\"idle_s\":1.0},\"features\":[]}");
			Value Face = Given["face"];
			Given.Set("face", Face.Set("names", Names).Set("ranges", Ranges));
			Talk.Open({}, 0);
			Cable.Events->OnOpened(*Cable.Open);
			Says(Cable, Given);
			Says(Cable, Json("{\"type\":\"reply_start\",\"turn\":1,\"seq\":1}"));
			for (int Each = 0; Each < 6; Each++) More();
		}

		void More()
		{
			Says(Cable, Piece(1, ++Seq, Pts));
			Pts += 4800;
		}
	};
}

int main()
{
	const std::vector<uint8_t> Message = Packed(Piece(1, 9, 4800));
	Quiet Sink;
	std::string Why;
	Measure("decode: a media of 100 ms and six faces", [&] { ReadServerMessage(Message.data(), Message.size(), Sink, Why); });

	Talking One;
	float Sound[480], Weights[Channels];
	int Frames = 0;
	long Counted = 0;
	std::vector<double> Fill, Face;
	Fill.reserve(Rounds);
	Face.reserve(Rounds);
	for (int Round = 0; Round < Warm + Rounds; Round++)
	{
		if (Frames++ % 10 == 0) One.More();
		One.Cable.Sent.clear();
		One.Now += 0.01;
		One.Talk.Update(One.Now);
		const long Before = Allocations;
		const auto From = std::chrono::steady_clock::now();
		One.Talk.Fill(Sound, 480, One.Now);
		const auto Between = std::chrono::steady_clock::now();
		One.Talk.Weights(One.Now, Weights);
		const auto To = std::chrono::steady_clock::now();
		if (Round < Warm) continue;
		Counted += Allocations - Before;
		Fill.push_back(std::chrono::duration<double, std::nano>(Between - From).count());
		Face.push_back(std::chrono::duration<double, std::nano>(To - Between).count());
	}
	for (auto [Name, Took] : {std::pair{"fill: 10 ms at 48 kHz, resampled from 24 kHz", &Fill}, std::pair{"weights: 55 channels", &Face}})
	{
		std::sort(Took->begin(), Took->end());
		std::printf("{\"what\":\"%s\",\"p50\":%.0f,\"p95\":%.0f,\"p99\":%.0f,\"count\":%d,\"allocations\":%ld}\n", Name, (*Took)[Rounds / 2], (*Took)[Rounds * 95 / 100], (*Took)[Rounds * 99 / 100], Rounds, Counted);
	}
	return One.Talk.Sound().Attached()->Underruns() == 0 ? 0 : 1;
}
