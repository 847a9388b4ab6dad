// The whole client on one device of a room, less its socket and its sound output: `device SCENARIO...`, as testkit/together.py
// writes them. For each tenth of a second a line with [turn, pts] of what the loudspeaker plays, or null; "over" after each.
// As in the engine, what has come is handed over with the next frame of the game.
#include "line.h"

#include <cmath>

using namespace Harness;

namespace
{
	constexpr size_t Block = 240;
	constexpr int64_t FramesATenth = 7;

	double Clock = 0; // s of the device

	double Now() { return Clock; }

	class Device final : IConversationEvents
	{
	public:
		explicit Device(const Value& Given)
			: Told(Given), Began(Given["began"].AsFloat() / 1000), Skew(Given["skew"].AsFloat()), Card(Given["card"].AsFloat()), Rate(Given["rate"].AsInt()),
			  Talk([this] { return std::make_unique<Line>(Cable); }, *this, nullptr, &Now)
		{
			SessionSettings Settings;
			Settings.Hello.Room = "kitchen";
			Clock = Began;
			Talk.Sound().SetOutputRate(int(Rate));
			Talk.Open(Settings, Clock);
			Cable.Events->OnOpened(*Cable.Open);
			Value Welcome = Json(
				"{\"type\":\"welcome\",\"version\":1,\"server\":\"room\",\"session\":\"s\",\"token\":\"t\",\"resumed\":false,\"seq\":0,\"resume_s\":60.0,"
				"\"lead_ms\":300,\"identity\":{\"name\":\"Mira\"},\"engines\":{},\"limits\":{\"message_bytes\":294912,\"text_chars\":2000,"
				"\"messages_per_s\":200,\"idle_s\":600.0},\"features\":[\"rooms\"],\"audio\":{},\"face\":{\"profile\":\"none\",\"fps\":60,\"names\":[],\"ranges\":[]}}");
			Value Audio = Value::OfMap();
			Audio.Set("rate", Value::OfInt(Rate));
			Welcome.Set("audio", Audio);
			Says(Cable, Welcome);
		}

		void Live()
		{
			const std::vector<Value>& Media = Told["media"].Items();
			const double CardRate = double(Rate) * Card * Skew, Until = Told["seconds"].AsFloat();
			size_t Next = 0;
			int64_t Blocks = 0;
			for (int64_t Frame = 0;; Frame++)
			{
				const double At = double(Frame) / (10.0 * FramesATenth);
				if (At >= Until) return;
				for (; double(Blocks * int64_t(Block)) / CardRate <= At; Blocks++) Talk.Fill(Mono.data(), Block, Began + double(Blocks * int64_t(Block)) / CardRate * Skew);
				Clock = Began + At * Skew;
				while (Next < Media.size() && Media[Next]["came"].AsFloat() <= At) Take(Media[Next++]);
				for (; !Pongs.empty() && Pongs.front()["came"].AsFloat() <= At; Pongs.pop_front())
				{
					Pongs.front().Remove("came");
					Says(Cable, Pongs.front());
				}
				Talk.Update(Clock);
				Sent(At);
				if (Frame % FramesATenth != 0) continue;
				Timeline& Shown = Talk.Face();
				Shown.Advance(At * CardRate);
				if (Shown.Running()) std::printf("[%lld,%.3f]\n", static_cast<long long>(Shown.Turn()), Shown.Pts());
				else std::printf("null\n");
			}
		}

	private:
		void Take(const Value& Given)
		{
			Value Whole = Given;
			Whole.Remove("came");
			if (Given.Has("samples"))
			{
				const std::vector<uint8_t> Silence(size_t(2 * Given["samples"].AsInt()));
				Whole.Set("pcm", Value::OfBytes(Silence.data(), Silence.size()));
				Whole.Remove("samples");
			}
			Says(Cable, Whole);
		}

		void Sent(double At)
		{
			for (; !Cable.Sent.empty(); Cable.Sent.pop_front())
			{
				if (Cable.Sent.front()["type"].AsString() != "ping") continue;
				const std::vector<Value>& Delays = Told["pings"].Items();
				const Value& Delay = Delays[Asked++ % Delays.size()];
				const double There = At + Delay.Items()[0].AsFloat();
				Value Pong = Value::OfMap();
				Pong.Set("type", Value::OfString("pong")).Set("stamp", Cable.Sent.front()["stamp"]).Set("server", Value::OfFloat(There * 1000));
				Pong.Set("came", Value::OfFloat(There + Delay.Items()[1].AsFloat()));
				Pongs.push_back(Pong);
			}
		}

		const Value& Told;
		const double Began, Skew, Card;
		const int64_t Rate;
		Wire Cable;
		Conversation Talk;
		std::deque<Value> Pongs;
		std::array<float, Block> Mono{};
		size_t Asked = 0;
	};
}

int main(int Count, char** Paths)
{
	for (int Index = 1; Index < Count; Index++)
	{
		const Value Scenario = Json(Slurp(Paths[Index]));
		Device(Scenario).Live();
		std::printf("over\n");
	}
	return 0;
}
