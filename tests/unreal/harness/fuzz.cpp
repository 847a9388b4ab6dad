// What anybody may send: libFuzzer's entry, and a loop of its own where that is not at hand (`fuzz COUNT VECTOR...`).
#include "line.h"

#include <cstring>
#include <random>

using namespace Harness;

namespace
{
	class Deaf final : public IConversationEvents
	{
	};

	/// A conversation that has been welcomed, with a tool to be called, and a sound output that asks.
	void Feed(const uint8_t* Data, size_t Size)
	{
		static const Value Welcome = Json(
			"{\"type\":\"welcome\",\"version\":1,\"server\":\"f\",\"session\":\"s\",\"token\":\"t\",\"resumed\":false,\"seq\":0,\"resume_s\":60.0,\"lead_ms\":300,"
			"\"audio\":{},\"face\":{\"profile\":\"arkit52\",\"fps\":60,\"names\":[\"jawOpen\",\"headYaw\"],\"ranges\":[[0.0,1.0],[-0.5,0.5]]},\"identity\":{\"name\":\"Mira\"},"
			"\"engines\":{},\"limits\":{\"message_bytes\":1,\"text_chars\":1,\"messages_per_s\":1,\"idle_s\":1.0},\"features\":[]}");
		Deaf Events;
		Wire Cable;
		Conversation Talk([&Cable] { return std::make_unique<Line>(Cable); }, Events);
		SessionSettings Settings;
		Settings.KeepTrying = false;
		Talk.AddTool("open_door", "", "{\"type\":\"object\",\"properties\":{\"door\":{\"enum\":[1,\"north\"]}}}");
		Talk.Open(Settings, 0);
		Cable.Events->OnOpened(*Cable.Open);
		Says(Cable, Welcome);
		float Sound[480], Weights[1024];
		double Now = 0;
		// The first byte of each piece says how long it is, so that one input is a whole conversation.
		while (Size > 0)
		{
			const size_t Part = std::min<size_t>(Size - 1, Data[0] == 255 ? Size - 1 : Data[0]);
			if (Cable.Open) Cable.Events->OnReceived(*Cable.Open, Data + 1, Part);
			Data += 1 + Part;
			Size -= 1 + Part;
			Talk.Fill(Sound, 480, Now);
			Talk.Update(Now += 0.02);
			Talk.Weights(Now, Weights);
		}
	}
}

#ifdef FUZZER
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* Data, size_t Size)
{
	Feed(Data, Size);
	return 0;
}
#else
int main(int Count, char** Given)
{
	std::vector<std::string> Seeds;
	for (int Index = 2; Index < Count; Index++) Seeds.push_back(Slurp(Given[Index]));
	std::mt19937 Random(1);
	const long Rounds = std::strtol(Given[1], nullptr, 10);
	for (long Round = 0; Round < Rounds; Round++)
	{
		std::string Input;
		const size_t Pieces = 1 + Random() % 4;
		for (size_t Piece = 0; Piece < Pieces; Piece++)
		{
			std::string Message = Seeds[Random() % Seeds.size()];
			for (size_t Change = Random() % 6; Change > 0 && !Message.empty(); Change--)
			{
				const size_t At = Random() % Message.size();
				switch (Random() % 4)
				{
					case 0: Message[At] = char(Random()); break;
					case 1: Message.erase(At, 1 + Random() % 8); break;
					case 2: Message.insert(At, 1, char(Random())); break;
					default: Message.insert(At, Message.substr(Random() % Message.size(), Random() % 16)); break;
				}
			}
			if (Piece + 1 < Pieces) Message.resize(std::min<size_t>(Message.size(), 254));
			Input += char(Piece + 1 < Pieces ? uint8_t(Message.size()) : 255);
			Input += Message;
		}
		Feed(reinterpret_cast<const uint8_t*>(Input.data()), Input.size());
	}
	std::printf("%ld rounds\n", Rounds);
	return 0;
}
#endif
