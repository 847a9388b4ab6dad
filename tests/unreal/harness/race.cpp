// A sound output on a thread of its own while the game's thread receives, shows, cuts and begins anew; watched by the thread
// sanitizer. Nothing waits for the clock: both run as fast as they can.
#include "line.h"

#include <atomic>
#include <thread>

using namespace Harness;

namespace
{
	class Quiet final : public IConversationEvents
	{
	};

	Value Greeting(int Rate)
	{
		Value Made = Json(
			"{\"type\":\"welcome\",\"version\":1,\"server\":\"r\",\"session\":\"s\",\"token\":\"t\",\"seq\":0,\"resume_s\":60.0,\"lead_ms\":300,\"audio\":{},"
			"\"face\":{\"profile\":\"arkit52\",\"fps\":60,\"names\":[\"jawOpen\"],\"ranges\":[[0.0,1.0]]},\"identity\":{\"name\":\"Mira\"},\"engines\":{},"
			"\"limits\":{\"message_bytes\":1,\"text_chars\":1,\"messages_per_s\":1,\"idle_s\":1.0},\"features\":[]}");
		Value Audio = Value::OfMap();
		Audio.Set("rate", Value::OfInt(Rate));
		return Made.Set("audio", Audio).Set("resumed", Value::OfBool(false));
	}

	Value Message(const char* Type, int64_t Turn, int64_t Seq)
	{
		Value Made = Value::OfMap();
		return Made.Set("type", Value::OfString(Type)).Set("turn", Value::OfInt(Turn)).Set("seq", Value::OfInt(Seq));
	}
}

int main()
{
	Quiet Events;
	Wire Cable;
	Conversation Talk([&Cable] { return std::make_unique<Line>(Cable); }, Events);
	Talk.Open({}, 0);
	std::atomic<bool> Over{false};
	std::atomic<int64_t> Asked{0};
	std::atomic<bool> Loud{false};
	std::thread Output(
		[&]
		{
			float Sound[480];
			while (!Over)
			{
				Talk.Fill(Sound, 480, 0.01 * double(Asked.fetch_add(1)));
				if (Sound[100] != 0) Loud = true;
				std::this_thread::yield();
			}
		});
	std::vector<uint8_t> Pcm(4800, 17), Face(6, 100);
	float Weights[1];
	for (int Round = 0; Round < 12; Round++)
	{
		// Another rate each third time: another stream, while the output may still read the last.
		if (Round > 0) Talk.Close(), Talk.Open({}, 0.01 * double(Asked));
		Cable.Events->OnOpened(*Cable.Open);
		Says(Cable, Greeting(Round % 3 == 2 ? 48000 : 24000));
		int64_t Seq = 1;
		for (int64_t Turn = 1; Turn <= 4; Turn++)
		{
			Says(Cable, Message("reply_start", Turn, Seq++));
			for (int64_t Piece = 0; Piece < 6; Piece++)
			{
				Value Media = Message("media", Turn, Seq++);
				Media.Set("pts", Value::OfInt(4800 * Piece)).Set("pcm", Value::OfBytes(Pcm.data(), Pcm.size()));
				Says(Cable, Media.Set("face_pts", Value::OfInt(4800 * Piece)).Set("face", Value::OfBytes(Face.data(), Face.size())));
				Talk.Update(0.01 * double(Asked));
				Talk.Weights(0.01 * double(Asked), Weights);
			}
			if (Turn % 2 == 0) Talk.Stop();
			Talk.Sound().SetLatency(0.01 * double(Turn));
			if (Turn == 3) Talk.Sound().Restart(), Talk.Sound().SetOutputRate(Round % 2 ? 44100 : 48000);
			for (const int64_t Until = Asked + 40; Asked < Until;) Talk.Update(0.01 * double(Asked)), std::this_thread::yield();
		}
	}
	Over = true;
	Output.join();
	Talk.Close();
	std::printf(Loud ? "sound was heard\n" : "nothing was heard\n");
	return 0;
}
