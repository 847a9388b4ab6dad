#include "Companion/Scene.h"

namespace Companion
{
	namespace
	{
		constexpr double Linger = 1.5, LingerCut = 0.3; // s after the last word
		constexpr std::string_view Ends[] = {".", "!", "?", "…", "。", "！", "？", "｡", "।", "॥", "؟", "۔"};
		constexpr std::string_view Closers[] = {"\"", "'", "”", "’", "»", ")", "]", "}", "」", "』", "】", "）"};

		template <size_t Count>
		size_t EndsWith(std::string_view Text, const std::string_view (&All)[Count])
		{
			for (const std::string_view Each : All)
				if (Text.size() >= Each.size() && Text.substr(Text.size() - Each.size()) == Each) return Each.size();
			return 0;
		}

		bool Stops(std::string_view Line)
		{
			while (const size_t Closer = EndsWith(Line, Closers)) Line.remove_suffix(Closer);
			return EndsWith(Line, Ends) > 0;
		}

		// The gap before a line's first word belongs to the line before.
		void Append(std::string& Into, std::string_view Gap, std::string_view Word)
		{
			if (Into.empty())
				while (!Gap.empty() && (Gap[0] == ' ' || Gap[0] == '\n' || Gap[0] == '\r' || Gap[0] == '\t')) Gap.remove_prefix(1);
			Into.append(Gap);
			Into.append(Word);
		}
	}

	size_t Characters(std::string_view Text)
	{
		size_t Count = 0;
		for (const char Each : Text) Count += (uint8_t(Each) & 0xC0) != 0x80;
		return Count;
	}

	std::string_view Clip(std::string_view Text, size_t Most)
	{
		for (size_t At = 0; At < Text.size(); At++)
			if ((uint8_t(Text[At]) & 0xC0) != 0x80 && Most-- == 0) return Text.substr(0, At);
		return Text;
	}

	void Subtitles::Take(const Heard& Given, double Now)
	{
		switch (Given.Kind)
		{
			case HeardKind::Began:
				Shown.clear();
				Whole.clear();
				Open = true;
				ClearAt = std::numeric_limits<double>::infinity();
				break;
			case HeardKind::Word:
			{
				if (!Open) break;
				const size_t Length = Characters(Shown);
				if (Length + Characters(Given.Gap) + Characters(Given.Text) > Most || (Length > Most / 2 && Stops(Shown))) Shown.clear();
				// A subtitle is one line: a line break of the text is a space in it.
				std::string Gap = Given.Gap;
				for (char& Each : Gap)
					if (Each == '\r' || Each == '\n') Each = ' ';
				Append(Shown, Gap, Given.Text);
				Append(Whole, Given.Gap, Given.Text);
				ClearAt = std::numeric_limits<double>::infinity();
				break;
			}
			case HeardKind::Ended:
				if (Open && !Whole.empty()) Keep({false, Whole, Given.Cut});
				Open = false;
				ClearAt = Now + (Given.Cut ? LingerCut : Linger);
				break;
			case HeardKind::Cue: case HeardKind::Held: break;
		}
	}

	void Subtitles::Take(const Transcript& Given)
	{
		Unsettled = Given.Final ? std::string_view() : Given.Text;
		if (Given.Final) Keep({true, std::string(Given.Text), false});
	}

	void Subtitles::Typed(std::string_view Text)
	{
		// Typing over a reply cuts it: what was heard of it comes before what was typed.
		if (Open && !Whole.empty()) Keep({false, Whole, true});
		Open = false;
		Keep({true, std::string(Text), false});
	}

	void Subtitles::Step(double Now)
	{
		if (Now < ClearAt) return;
		Shown.clear();
		ClearAt = std::numeric_limits<double>::infinity();
	}

	void Subtitles::Keep(SpokenLine Line)
	{
		if (Kept.size() == MostKept) Kept.erase(Kept.begin());
		Kept.push_back(std::move(Line));
	}
}
