#include "Companion/Voice.h"

#include <cmath>
#include <numeric>

namespace Companion
{
	namespace
	{
		constexpr double Window = 2; // s in which the lowest offset is looked for
		constexpr double Jump = 0.1; // s; an offset that rises by more is a new beginning (a pause, a device change)
		constexpr double Grace = 0.025; // s beyond the last block's end that are still believed
		constexpr double SameWake = 0.25; // of a block

		constexpr int Zeros = 16; // zero crossings of the filter on each side
		constexpr double Beta = 7;
		constexpr double Rolloff = 0.92;
		constexpr double Pi = 3.14159265358979323846;

		double Sinc(double X) { return X == 0 ? 1 : std::sin(Pi * X) / (Pi * X); }

		double Bessel(double X)
		{
			double Sum = 1, Term = 1;
			for (int K = 1; Term > 1e-9 * Sum; K++)
			{
				Term *= X / (2 * K) * (X / (2 * K));
				Sum += Term;
			}
			return Sum;
		}
	}

	void PlayoutClock::OnBlock(double Wall, double Start, double Length)
	{
		const double Offset = Wall - Start;
		const bool Woken = !Started || Wall - LastWall > SameWake * Length;
		LastWall = Wall;
		if (Woken)
		{
			if (Started && Offset - Lowest[First].Offset > Jump) Count = 0;
			while (Count > 0 && (Wall - Lowest[First].Wall > Window || Count == Most))
			{
				First = (First + 1) % Most;
				Count--;
			}
			while (Count > 0 && Lowest[(First + Count - 1) % Most].Offset >= Offset) Count--;
			Lowest[(First + Count++) % Most] = {Wall, Offset};
			Started = true;
		}
		Publish(Lowest[First].Offset, Start + Length);
	}

	void PlayoutClock::Reset()
	{
		Started = false;
		First = Count = 0;
		SharedRunning.store(false);
	}

	// A sequence lock of atomics: the version is odd while the pair is written.
	void PlayoutClock::Publish(double Offset, double End)
	{
		Version.fetch_add(1);
		SharedOffset.store(Offset);
		SharedEnd.store(End);
		Version.fetch_add(1);
		SharedRunning.store(true);
	}

	bool PlayoutClock::Shared(double& Offset, double& End) const
	{
		if (!SharedRunning.load()) return false;
		while (true)
		{
			const uint64_t Before = Version.load();
			Offset = SharedOffset.load();
			End = SharedEnd.load();
			if ((Before & 1) == 0 && Version.load() == Before) return true;
		}
	}

	double PlayoutClock::At(double Wall) const
	{
		double Offset, End;
		return Shared(Offset, End) ? std::min(Wall - Offset, End + Grace) : -1;
	}

	double PlayoutClock::Ahead(double Wall) const
	{
		double Offset, End;
		return Shared(Offset, End) ? Wall - Offset : std::numeric_limits<double>::quiet_NaN();
	}

	bool PlayoutClock::Running() const { return SharedRunning.load(); }

	Resampler::Resampler(int From, int To)
	{
		const int64_t Common = std::gcd(From, To);
		Up = To / Common;
		Down = From / Common;
		const double Cutoff = Rolloff * std::min(1.0, double(To) / From);
		Half = Up == 1 && Down == 1 ? 0 : size_t(std::ceil(Zeros / Cutoff));
		const size_t Taps = 2 * Half;
		Filters.resize(size_t(Up) * Taps);
		std::vector<double> Row(Taps);
		for (int64_t Phased = 0; Phased < Up && Half > 0; Phased++)
		{
			double Sum = 0;
			for (size_t Index = 0; Index < Taps; Index++)
			{
				const double X = double(Index) - double(Half) + 1 - double(Phased) / double(Up);
				const double Share = X / double(Half);
				Row[Index] = Sinc(X * Cutoff) * Bessel(Beta * std::sqrt(std::max(0.0, 1 - Share * Share)));
				Sum += Row[Index];
			}
			for (size_t Index = 0; Index < Taps; Index++) Filters[size_t(Phased) * Taps + Index] = float(Row[Index] / Sum);
		}
		Held.resize(Taps + Block + size_t(Down / Up) + 8);
		Kept = Half > 0 ? Half - 1 : 0; // silence before the first sample
	}

	size_t Resampler::Producible(size_t Available) const
	{
		if (Half == 0) return Available;
		const int64_t Room = (int64_t(Kept + Available) - 2 * int64_t(Half) + 1) * Up - 1 - Phase;
		return Room < 0 ? 0 : size_t(Room / Down + 1);
	}

	void Resampler::Read(Source From, void* Self, float* Into, size_t Count)
	{
		if (Half == 0)
		{
			while (Count > 0)
			{
				const size_t Part = std::min(Count, Block);
				From(Self, Raw.data(), Part);
				for (size_t Index = 0; Index < Part; Index++) Into[Index] = float(Raw[Index]) / 32768;
				Into += Part;
				Count -= Part;
			}
			return;
		}
		const size_t Taps = 2 * Half;
		for (size_t Index = 0; Index < Count; Index++)
		{
			while (Phase >= Up)
			{
				const int64_t Whole = std::min<int64_t>(Phase / Up, int64_t(Kept));
				if (Whole == 0)
				{
					Pull(From, Self, 1);
					continue;
				}
				First += size_t(Whole);
				Kept -= size_t(Whole);
				Phase -= Whole * Up;
			}
			if (Kept < Taps)
			{
				// Input for the rest of this call, so that the source is asked in few pieces and never for more than is due.
				const int64_t Last = (Phase + int64_t(Count - Index - 1) * Down) / Up;
				const int64_t Need = std::min<int64_t>(int64_t(Block), Last + int64_t(Taps) - int64_t(Kept));
				Pull(From, Self, size_t(std::max<int64_t>(int64_t(Taps - Kept), Need)));
			}
			const float* Row = &Filters[size_t(Phase) * Taps];
			const float* At = &Held[First];
			float Sum = 0;
			for (size_t Tap = 0; Tap < Taps; Tap++) Sum += Row[Tap] * At[Tap];
			Into[Index] = Sum;
			Phase += Down;
		}
	}

	void Resampler::Pull(Source From, void* Self, size_t Asked)
	{
		const size_t Taken = std::min(Asked, Block);
		if (First + Kept + Taken > Held.size())
		{
			std::copy(Held.begin() + ptrdiff_t(First), Held.begin() + ptrdiff_t(First + Kept), Held.begin());
			First = 0;
		}
		From(Self, Raw.data(), Taken);
		for (size_t Index = 0; Index < Taken; Index++) Held[First + Kept + Index] = float(Raw[Index]) / 32768;
		Kept += Taken;
	}

	void Voice::Fill(float* Mono, size_t Count, double Wall)
	{
		Playout* const Now = Attached();
		if (!Now)
		{
			std::fill(Mono, Mono + Count, 0.0f);
			return;
		}
		const int NowRate = OutputRate(), NowAgain = Again.load(std::memory_order_acquire);
		if (!Converter || Now != Playing || NowRate != Rate || NowAgain != Seen)
		{
			Converter = std::make_unique<Resampler>(Now->Rate(), NowRate);
			Playing = Now;
			Rate = NowRate;
			Seen = NowAgain;
			Outputs = 0;
			From = double(Now->Air()) / Now->Rate();
			Clock.Reset();
		}
		Clock.OnBlock(Wall, From + double(Outputs) / Rate, double(Count) / Rate);
		Converter->Read([](void* Self, int16_t* Into, size_t Due) { static_cast<Playout*>(Self)->Read(Into, Due); }, Now, Mono, Count);
		Outputs += int64_t(Count);
		double Power = 0;
		for (size_t Index = 0; Index < Count; Index++) Power += double(Mono[Index]) * Mono[Index];
		Loudness.store(float(std::min(1.0, 4 * std::sqrt(Power / double(std::max<size_t>(1, Count))))), std::memory_order_relaxed);
	}

	double Voice::Heard(double Wall) const
	{
		const double At = Clock.At(Wall);
		const Playout* const Now = Attached();
		return At < 0 || !Now ? -1 : (At - LatencySeconds.load(std::memory_order_relaxed)) * Now->Rate();
	}

	double Voice::SampleAt(double Wall) const
	{
		const Playout* const Now = Attached();
		return Now ? (Clock.Ahead(Wall) - LatencySeconds.load(std::memory_order_relaxed)) * Now->Rate() : std::numeric_limits<double>::quiet_NaN();
	}
}
