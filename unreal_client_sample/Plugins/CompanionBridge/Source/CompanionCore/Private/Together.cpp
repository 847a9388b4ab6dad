#include "Companion/Together.h"

#include <cmath>
#include <limits>

namespace Companion
{
	namespace
	{
		constexpr double EveryMs = 2000;
		constexpr double FirstMs = 200;
		constexpr double OffMs = 4; // how far beside the instant is too far ...
		constexpr double ThereMs = 0.5; // ... and how near is near enough
		constexpr double Nudge = 0.01; // how much faster or slower is played meanwhile: nobody hears it
		constexpr double FarMs = 250; // from where on it is quicker to skip, or to wait
	}

	bool InStep::Due(double Now)
	{
		if (Asked && Now - Pinged < (Count < Kept ? FirstMs : EveryMs)) return false;
		Asked = true;
		Pinged = Now;
		return true;
	}

	void InStep::Pong(double Stamp, double Server, double Now, double Grain)
	{
		const double Came = std::max(Stamp, Now - Grain / 2);
		if (!(Now >= Stamp)) return;
		Answers[Next] = {Came - Stamp, Server - (Stamp + Came) / 2, Grain};
		Next = (Next + 1) % Kept;
		Count = std::min(Kept, Count + 1);
	}

	double InStep::Offset() const
	{
		if (Count == 0) return 0;
		const Answer& Best = *std::min_element(Answers.begin(), Answers.begin() + ptrdiff_t(Count), [](const Answer& One, const Answer& Other) { return One.Trip < Other.Trip; });
		double Sum = 0;
		int Alike = 0;
		for (size_t Index = 0; Index < Count; Index++)
		{
			if (Answers[Index].Trip > Best.Trip + Best.Grain / 2) continue;
			Sum += Answers[Index].Offset;
			Alike++;
		}
		return Sum / Alike;
	}

	double InStep::Speed(double At, double Now)
	{
		if (!Known()) return 1;
		const double Late = Now - Here(At);
		if (std::fabs(Late) > FarMs)
		{
			Nudging = 0;
			return Late > 0 ? std::numeric_limits<double>::infinity() : 0;
		}
		if (std::fabs(Late) > OffMs) Nudging = Late > 0 ? Nudge : -Nudge;
		else if (std::fabs(Late) < ThereMs || Late * Nudging < 0) Nudging = 0;
		return 1 + Nudging;
	}

	void Together::Reset()
	{
		Step = InStep();
		Pieces.Clear();
		Heard = Piece();
	}

	bool Together::Place(int64_t Turn, int64_t Pts, double At, double& Due)
	{
		if (!(At > 0) || Turn <= 0) return false;
		if (Pieces.Size() == Most) Pieces.Pop();
		Pieces.Push({Turn, Pts, At});
		Due = Step.Here(At);
		return Step.Known();
	}

	double Together::Speed(int64_t Turn, double Pts, double Now)
	{
		while (!Pieces.Empty())
		{
			const Piece& First = Pieces.Front();
			if (First.Turn > Turn || (First.Turn == Turn && Heard.Turn == Turn && double(First.Pts) > Pts)) break;
			Heard = Pieces.Pop();
		}
		if (Heard.Turn != Turn || Turn == 0) return 1;
		const double Given = Step.Speed(Heard.At + (Pts - double(Heard.Pts)) * 1000 / double(TicksPerSecond), Now);
		// What is too far off begins anew with its next piece, which knows when it is due.
		return Given > 0 && std::isfinite(Given) ? Given : 1;
	}
}
