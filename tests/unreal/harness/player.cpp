// A companion's client without a game: `player URL [--once] [--token=T] [--profile=P]`. Commands come line by line on the standard
// input, what happens goes out as JSON, a line each: the same as those of the other clients' players. A thread takes sound as
// a sound card would, in blocks of 10 ms by the clock.
#include "line.h"
#include "socket.h"

#include <chrono>
#include <cmath>
#include <cstring>
#include <iostream>
#include <sstream>

using namespace Harness;

namespace
{
	constexpr int OutputRate = 48000;
	constexpr size_t Block = 480;

	double Now()
	{
		static const auto Start = std::chrono::steady_clock::now();
		return std::chrono::duration<double>(std::chrono::steady_clock::now() - Start).count();
	}

	const char* NameOf(Status Given)
	{
		const char* Names[] = {"Idle", "Connecting", "Open", "Lost", "Waiting", "Over"};
		return Names[int(Given)];
	}

	class Player final : IConversationEvents
	{
	public:
		explicit Player(const SessionSettings& Given) : Talk([this] { return std::make_unique<Socket>(Sockets); }, *this)
		{
			Talk.Sound().SetOutputRate(OutputRate);
			Talk.Open(Given, Now());
		}

		void Run()
		{
			std::thread Reading([this] { Read(); });
			std::thread Speaking([this] { Speak(); });
			std::thread Feeding([this] { Feed(); });
			while (!Over)
			{
				for (size_t At = 0; At < Sockets.size(); At++) Sockets[At]->Deliver();
				Heed();
				Talk.Update(Now());
				Show();
				std::this_thread::sleep_for(std::chrono::milliseconds(8));
			}
			Talk.Close();
			Over = true;
			Speaking.join();
			Feeding.join();
			Reading.detach();
			std::this_thread::sleep_for(std::chrono::milliseconds(200));
		}

	private:

		void Read()
		{
			std::string Line;
			while (std::getline(std::cin, Line))
			{
				std::lock_guard Lock(Guard);
				Commands.push_back(Line);
			}
			Over = true;
		}

		void Speak()
		{
			float Sound[Block];
			const double From = Now();
			for (int64_t Blocks = 1; !Over; Blocks++)
			{
				Talk.Fill(Sound, Block, Now());
				float Highest = Peak;
				for (const float Each : Sound) Highest = std::max(Highest, std::fabs(Each));
				Peak = Highest;
				const double Wait = From + double(Blocks) * double(Block) / OutputRate - Now();
				if (Wait > 0.001) std::this_thread::sleep_for(std::chrono::duration<double>(Wait));
			}
		}

		// A microphone's thread: 20 ms at a time, handed to the one that owns the ear.
		void Feed()
		{
			double Due = 0;
			while (!Over)
			{
				std::this_thread::sleep_for(std::chrono::milliseconds(5));
				std::lock_guard Lock(Guard);
				if (Microphone.empty()) Due = Now();
				while (!Microphone.empty() && Now() >= Due)
				{
					Heard.push_back(std::move(Microphone.front()));
					Microphone.pop_front();
					Due += 0.02;
					if (Microphone.empty()) HeardAll = true;
				}
			}
		}

		void Heed()
		{
			std::deque<std::string> Lines;
			std::deque<std::vector<float>> Sound;
			bool All;
			{
				std::lock_guard Lock(Guard);
				Lines.swap(Commands);
				Sound.swap(Heard);
				All = HeardAll;
				HeardAll = false;
			}
			for (const std::vector<float>& Each : Sound) Talk.Hearing().Feed(Each.data(), Each.size());
			if (All) Tell("heard_all", Value::OfMap());
			for (const std::string& Each : Lines) Do(Each.substr(0, Each.find(' ')), Each.find(' ') == std::string::npos ? "" : Each.substr(Each.find(' ') + 1));
		}

		void Do(const std::string& Word, const std::string& Rest)
		{
			Value Said = Value::OfMap();
			if (Word == "say") Tell("said", Said.Set("taken", Value::OfBool(Talk.Say(Rest))));
			else if (Word == "stop") Tell("stopped", Said.Set("any", Value::OfBool(Talk.Stop())));
			else if (Word == "sever") Talk.Line().Sever();
			else if (Word == "hurry") Talk.Line().Hurry(Now());
			else if (Word == "listen") Talk.Hearing().SetMode(Rest == "Open" ? ListenMode::Open : Rest == "Off" ? ListenMode::Off : ListenMode::PushToTalk);
			else if (Word == "talk") Talk.PressTalk(Rest == "on");
			else if (Word == "state") Talk.SetState(Rest.substr(0, Rest.find('=')), Rest.substr(Rest.find('=') + 1));
			else if (Word == "event") Talk.Happened(Rest, Respond::Auto);
			else if (Word == "tool")
			{
				Answer = Rest;
				Talk.AddTool("open_door", "Opens a door.", "{\"type\":\"object\",\"properties\":{\"door\":{\"type\":\"string\",\"enum\":[\"north\"]}},\"required\":[\"door\"]}");
			}
			else if (Word == "memory") Tell("asked", Said.Set("taken", Value::OfBool(Ask(Rest.substr(0, Rest.find(' ')), Rest))));
			else if (Word == "hear") Load(Rest);
			else if (Word == "level")
			{
				Said.Set("peak", Value::OfFloat(double(Peak))).Set("jaw", Value::OfFloat(double(OpenJaw))).Set("frames", Value::OfInt(Frames));
				Said.Set("underruns", Value::OfInt(Talk.Sound().Attached() ? Talk.Sound().Attached()->Underruns() : 0));
				Said.Set("rtt", Talk.Line().RoundTrip() < 0 ? Value() : Value::OfFloat(Talk.Line().RoundTrip()));
				Tell("level", Said);
				Peak = OpenJaw = 0;
			}
			else if (Word == "subtitles")
			{
				std::string All;
				for (const SpokenLine& Each : Talk.Words().Said()) All += (All.empty() ? "" : "|") + std::string(Each.ByUser ? "user:" : "companion:") + Each.Text;
				Tell("subtitles", Said.Set("said", Value::OfString(All)));
			}
			else if (Word == "quit") Over = true;
			else Tell("unknown", Said.Set("command", Value::OfString(Word)));
		}

		bool Ask(const std::string& Op, const std::string& Whole)
		{
			if (Op == "Forget") return Talk.ForgetFacts({std::strtoll(Whole.c_str() + Op.size(), nullptr, 10)});
			if (Op == "Import") return Talk.ImportMemory(Blob);
			for (int Index = 0; Index < 7; Index++)
				if (Op == OpNames[Index]) return Talk.AskMemory(MemoryOp(Index));
			return false;
		}

		void Load(const std::string& Path)
		{
			const std::string File = Slurp(Path);
			uint32_t Rate;
			std::memcpy(&Rate, File.data() + 24, 4);
			Talk.Hearing().Open(int(Rate));
			std::lock_guard Lock(Guard);
			const size_t Part = Rate / 50;
			for (size_t At = 44; At + 2 * Part <= File.size(); At += 2 * Part)
			{
				std::vector<float> Made;
				for (size_t Index = 0; Index < Part; Index++) Made.push_back(float(int16_t(uint16_t(uint8_t(File[At + 2 * Index]) | uint8_t(File[At + 2 * Index + 1]) << 8))) / 32768);
				Microphone.push_back(std::move(Made));
			}
		}

		void Show()
		{
			if (Talk.Format().Width() == 0) return;
			Weights.resize(Talk.Format().Width());
			Talk.Weights(Now(), Weights.data());
			Frames++;
			const int Jaw = Talk.Format().IndexOf("jawOpen");
			if (Jaw >= 0) OpenJaw = std::max(OpenJaw, Weights[size_t(Jaw)]);
		}

		static void Tell(const char* Kind, Value Fields)
		{
			Value Made = Value::OfMap();
			Made.Set("event", Value::OfString(Kind)).Set("now", Value::OfFloat(Now()));
			for (const auto& Each : Fields.Fields()) Made.Set(Each.first, Each.second);
			std::cout << Made.Json() << std::endl;
		}

		void OnStatus(Status Given, const Fault& Why) override
		{
			Value Said = Value::OfMap();
			Said.Set("status", Value::OfString(NameOf(Given))).Set("code", Value::OfString(Why.Code)).Set("message", Value::OfString(Why.Message)).Set("retry", Value::OfFloat(Why.RetryAfter));
			Tell("status", Said);
		}

		void OnWelcome(const Welcome& Given) override
		{
			Value Said = Value::OfMap();
			Said.Set("session", Value::OfString(Given.Session)).Set("resumed", Value::OfBool(Given.Resumed)).Set("watch", Value::OfString(Given.Watch));
			Tell("welcome", Said.Set("reason", Value::OfString(Given.Reason)).Set("profile", Value::OfString(Given.Face.Profile)));
		}

		void OnState(State Given) override
		{
			const char* Names[] = {"Idle", "Listening", "Thinking", "Speaking", "Overlap"};
			Value Said = Value::OfMap();
			Tell("state", Said.Set("state", Value::OfString(Names[int(Given)])));
		}

		void OnTranscript(const Transcript& Given) override
		{
			Value Said = Value::OfMap();
			Said.Set("text", Value::OfString(Given.Text)).Set("final", Value::OfBool(Given.Final));
			Tell("transcript", Said.Set("utterance", Value::OfInt(Given.Utterance)));
		}

		void OnHeard(const Companion::Heard& Given) override
		{
			const char* Names[] = {"began", "word", "cue", "held", "ended"};
			const char* Reasons[] = {"Complete", "Failed", "TooLong", "Cut", "Interrupted"};
			Value Said = Value::OfMap();
			Said.Set("turn", Value::OfInt(Given.Turn)).Set("pts", Value::OfInt(Given.Pts)).Set("text", Value::OfString(Given.Text)).Set("gap", Value::OfString(Given.Gap));
			Tell(Names[int(Given.Kind)], Said.Set("cut", Value::OfBool(Given.Cut)).Set("reason", Value::OfString(Reasons[int(Given.Reason)])));
		}

		void OnTool(int64_t Call, const std::string&, const Value& Arguments) override
		{
			Value Said = Value::OfMap();
			Tell("tool", Said.Set("arguments", Value::OfString(Arguments.Json())));
			Talk.AnswerTool(Call, ToolStatus::Ok, Answer);
		}

		void OnMemory(const MemoryAnswer& Given) override
		{
			Value Said = Value::OfMap();
			std::string All;
			for (const MemoryFact& Each : Given.Facts) All += (All.empty() ? "" : "|") + std::to_string(Each.Id) + ":" + Each.Kind + ":" + Each.Text;
			if (!Given.Blob.empty()) Blob = Given.Blob;
			Said.Set("op", Value::OfString(OpNames[int(Given.Op)])).Set("on", Value::OfBool(Given.On)).Set("count", Value::OfInt(Given.Count));
			Tell("memory", Said.Set("blob", Value::OfInt(int64_t(Given.Blob.size()))).Set("facts", Value::OfString(All)));
		}

		void OnError(const ServerError& Given) override
		{
			Value Said = Value::OfMap();
			Tell("error", Said.Set("code", Value::OfString(Given.Code)).Set("message", Value::OfString(Given.Message)));
		}

		static constexpr const char* OpNames[] = {"Agree", "Refuse", "Tell", "Forget", "Erase", "Export", "Import"};

		std::vector<Socket*> Sockets;
		std::vector<uint8_t> Blob; // of the memory, the last that was exported
		std::mutex Guard;
		std::deque<std::string> Commands;
		std::deque<std::vector<float>> Microphone, Heard;
		bool HeardAll = false;
		std::vector<float> Weights;
		std::string Answer;
		std::atomic<float> Peak{0};
		float OpenJaw = 0;
		int64_t Frames = 0;
		std::atomic<bool> Over{false};
		Conversation Talk;
	};
}

int main(int Count, char** Given)
{
	SessionSettings Settings;
	Settings.Url = Given[1];
	Settings.Hello.Client = "player";
	Settings.Hello.EchoCancelled = true;
	Settings.Hello.Features = {"idle_face"};
	for (int Index = 2; Index < Count; Index++)
	{
		const std::string Option = Given[Index];
		if (Option == "--once") Settings.KeepTrying = false;
		if (Option.rfind("--token=", 0) == 0) Settings.Hello.Token = Option.substr(8);
		if (Option.rfind("--profile=", 0) == 0) Settings.Hello.FaceProfile = Option.substr(10);
	}
	Now();
	Player(Settings).Run();
	return 0;
}
