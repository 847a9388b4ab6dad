#include "Companion/Scene.h"

namespace Companion
{
	namespace
	{
		constexpr double Window = 0.5, Ceiling = 3; // s
		constexpr size_t MostStates = 128, MostKey = 64, MostValue = 1024, MostEvents = 32;

		std::string* Find(States& All, const std::string& Key)
		{
			for (auto& Each : All)
				if (Each.first == Key) return &Each.second;
			return nullptr;
		}

		void Put(States& All, const std::string& Key, const std::string& Given)
		{
			if (std::string* Found = Find(All, Key)) *Found = Given;
			else All.emplace_back(Key, Given);
		}
	}

	bool SceneContext::Set(const std::string& Key, const std::string& Given, double Now)
	{
		if (Key.empty() || Characters(Key) > MostKey) return false;
		const std::string Kept(Clip(Given, MostValue));
		const std::string* const Had = Find(Held, Key);
		if ((Had ? *Had : std::string()) == Kept) return true;
		if (Kept.empty())
		{
			for (size_t At = 0; At < Held.size(); At++)
				if (Held[At].first == Key)
				{
					Held.erase(Held.begin() + ptrdiff_t(At));
					break;
				}
		}
		else if (!Had && Held.size() >= MostStates) return false;
		else Put(Held, Key, Kept);
		Put(Changed, Key, Kept);
		Touch(Now);
		return true;
	}

	void SceneContext::Happened(const std::string& Sentence, Respond Wish, double Now)
	{
		if (Sentence.find_first_not_of(" \t\r\n") == std::string::npos) return;
		if (Events.size() >= MostEvents) Events.erase(Events.begin());
		Events.emplace_back(Clip(Sentence, MostValue));
		Wanted = std::max(Wanted, Wish);
		// Who must answer should not wait for more to happen.
		Touch(Wish == Respond::Must ? Now - Window : Now);
	}

	void SceneContext::Resend(double Now)
	{
		for (const auto& Each : Held) Put(Changed, Each.first, Each.second);
		if (!Changed.empty()) Touch(Now - Window);
	}

	void SceneContext::Step(double Now, const Sender& Send)
	{
		if (!Waiting || (Now - Last < Window && Now - First < Ceiling)) return;
		const States AllStates = std::move(Changed);
		const std::vector<std::string> AllEvents = std::move(Events);
		const Respond Wish = Wanted;
		Changed.clear();
		Events.clear();
		Wanted = Respond::Silent;
		Waiting = false;
		size_t At = 0;
		for (; At + MostStates < AllStates.size(); At += MostStates)
			Send(States(AllStates.begin() + ptrdiff_t(At), AllStates.begin() + ptrdiff_t(At + MostStates)), {}, Respond::Silent);
		Send(States(AllStates.begin() + ptrdiff_t(At), AllStates.end()), AllEvents, Wish);
	}

	void SceneContext::Touch(double Now)
	{
		if (!Waiting) First = Now;
		Waiting = true;
		Last = Now;
	}
}
