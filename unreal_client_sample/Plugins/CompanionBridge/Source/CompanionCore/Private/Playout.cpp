#include "Companion/Playout.h"

#include <cmath>

namespace Companion
{
	namespace
	{
		constexpr double PrimeSeconds = 0.08; // half as much again after an underrun, a tenth less after a clean turn
		constexpr double PrimeMost = 2.0 / 3; // of the server's lead: it sends no more until the playhead moves
		constexpr double StallSeconds = 0.25; // whatever is buffered starts when nothing has come for this long
		constexpr double FadeSeconds = 0.06;
		constexpr double RampSeconds = 0.02;
		constexpr double DuckedGain = 0.3;
		constexpr double ResidueSeconds = 0.001; // to an e-th, of the last value before silence, so that it does not click
		constexpr double HeldSeconds = 20; // that the sample ring holds at least
		constexpr double GapSeconds = 0.02; // by which a piece is due later than what came before it ends: there is a silence
		constexpr double SlideSeconds = 0.0005; // faster or slower, after which it is told
		constexpr int PtsBits = 40;

		size_t Capacity(int Rate)
		{
			size_t Size = 1 << 14;
			while (double(Size) < HeldSeconds * Rate) Size <<= 1;
			return Size;
		}
	}

	Playout::Playout(int Rate, double Lead, IAirTap* GivenTap)
		: SampleRate(Rate), Tap(GivenTap), Ring(Capacity(Rate)), Chunks(MostChunks), ResidueKept(std::exp(-1 / (ResidueSeconds * Rate)))
	{
		SetLead(Lead);
	}

	void Playout::SetLead(double Lead)
	{
		MostPrime = int64_t(std::lround(Lead * PrimeMost * SampleRate));
		LeastPrime = std::min<int64_t>(std::lround(PrimeSeconds * SampleRate), MostPrime);
		Prime = LeastPrime;
	}

	void Playout::Playhead(int64_t& Turn, int64_t& Pts) const
	{
		const int64_t Packed = SharedPlayhead.load(std::memory_order_acquire);
		Turn = Packed >> PtsBits;
		Pts = Packed & ((int64_t(1) << PtsBits) - 1);
	}

	bool Playout::Append(int64_t Turn, int64_t Pts, const Segment& Pcm, double Due)
	{
		const int64_t From = Ring.Position();
		return Ring.TryWrite(Pcm) && Push({What::Append, Turn, Pts, From, int64_t(Pcm.Size / 2), EndReason::Complete, Due});
	}

	void Playout::Read(int16_t* Into, size_t Count)
	{
		Take();
		int16_t* const End = Into + Count;
		while (Into < End)
		{
			const int64_t Left = End - Into;
			const int64_t Silent = TurnCount == 0 ? 0 : Early(Left);
			if (Silent > 0)
			{
				Rest(Into, Silent);
				AirCount += Silent;
				Into += Silent;
			}
			else if (TurnCount == 0 || !(Running || Start()))
			{
				Rest(Into, Left);
				Stalled += Left;
				AirCount += Left;
				Into = End;
			}
			else if (Turns[0].Waiting > 0)
			{
				const int64_t Sure = std::min(Timed(Turns[0].Number), Turns[0].Waiting);
				const double Speed = Pace.load(std::memory_order_relaxed);
				int64_t Run = std::min(std::min(Left, Sure), Fading > 0 ? Fading : Left);
				const bool Shifted = Speed != 1 && Fading == 0;
				if (Shifted) Run = std::min(Run, Stretched);
				if (!Shifted || !Stretch(Into, Run, Speed, Sure)) Play(Into, Run);
				Into += Run;
			}
			else if (!Turns[0].Ended)
			{
				UnderrunCount.fetch_add(1, std::memory_order_relaxed);
				Turns[0].Starved = true;
				Running = false;
				Prime = std::min(Prime * 3 / 2, MostPrime);
				Tell({PointKind::Hold, Turns[0].Number, Turns[0].Heard, AirCount});
			}
			if (Running && TurnCount > 0 && Turns[0].Ended && Turns[0].Waiting == 0) Finish(false);
		}
		const bool Any = TurnCount > 0 && Turns[0].Begun;
		SharedPlayhead.store(Any ? Turns[0].Number << PtsBits | Turns[0].Heard * TicksPerSecond / SampleRate : 0, std::memory_order_release);
		int64_t Waiting = 0;
		for (int Index = 0; Index < TurnCount; Index++) Waiting += Turns[size_t(Index)].Waiting;
		BufferedSamples.store(Waiting, std::memory_order_relaxed);
		SharedAir.store(AirCount, std::memory_order_release);
	}

	void Playout::Take()
	{
		Command Given;
		while (ChunkCount < Chunks.size() - 1 && Commands.TryRead(Given))
		{
			switch (Given.Kind)
			{
				case What::Begin: TurnOf(Given.Turn, true); break;
				case What::Append: TakeMedia(Given); break;
				case What::End:
				{
					const int Index = TurnOf(Given.Turn, true);
					if (Index < 0) break;
					Turns[size_t(Index)].Ended = true;
					Turns[size_t(Index)].Reason = Given.Reason;
					break;
				}
				case What::Interrupt: Drop(Given.Turn); break;
				case What::Duck: SetDucked(true); break;
				case What::Unduck: SetDucked(false); break;
				case What::Reset: Clear(double(Given.Pts) / 1e6); break;
			}
		}
	}

	void Playout::TakeMedia(const Command& Given)
	{
		const int Index = TurnOf(Given.Turn, false);
		const int64_t RingEnd = Given.Start + Given.Count;
		if (Index < 0)
		{
			if (ChunkCount == 0) Ring.Free(RingEnd);
			else Add({0, Given.Start, 0, RingEnd});
			return;
		}
		TurnState& Turn = Turns[size_t(Index)];
		Stalled = 0;
		const int64_t At = Given.Pts * SampleRate / TicksPerSecond;
		// A viewer who joins in the middle of a turn begins there.
		if (!Turn.Placed && Turn.Waiting == 0) Turn.Heard = At;
		Turn.Placed = true;
		const int64_t Due = Turn.Heard + Turn.Waiting;
		if (At > Due)
		{
			Add({Turn.Number, -1, At - Due, Given.Start, Given.Due - double(At - Due)});
			Turn.Waiting += At - Due;
		}
		const int64_t Known = std::min(Given.Count, std::max<int64_t>(0, Due - At));
		Add({Turn.Number, Given.Start + Known, Given.Count - Known, RingEnd, Given.Due + double(Known)});
		Turn.Waiting += Given.Count - Known;
	}

	void Playout::Add(const Chunk& Given)
	{
		if (ChunkCount < Chunks.size()) Chunks[(FirstChunk + ChunkCount++) & (Chunks.size() - 1)] = Given;
	}

	// Placed: it begins at its first sample, since its start was seen.
	int Playout::TurnOf(int64_t Number, bool Placed)
	{
		if (Number <= Dropped) return -1;
		for (int Index = 0; Index < TurnCount; Index++)
		{
			TurnState& Each = Turns[size_t(Index)];
			if (Each.Number != Number) continue;
			Each.Placed |= Placed;
			return Index;
		}
		if (TurnCount == MostTurns) return -1;
		Turns[size_t(TurnCount)] = TurnState();
		Turns[size_t(TurnCount)].Number = Number;
		Turns[size_t(TurnCount)].Placed = Placed;
		return TurnCount++;
	}

	void Playout::Drop(int64_t Number)
	{
		Dropped = std::max(Dropped, Number);
		while (TurnCount > 0 && Turns[0].Number <= Dropped)
		{
			if (Running && Turns[0].Waiting > 0)
			{
				if (Fading == 0)
				{
					Fading = std::lround(FadeSeconds * SampleRate);
					Aim = 0;
					Step = Gain / double(Fading);
				}
				break;
			}
			Finish(true);
		}
		while (TurnCount > 1 && Turns[1].Number <= Dropped)
		{
			Tell({PointKind::End, Turns[1].Number, 0, AirCount, true, EndReason::Interrupted});
			Forget(1);
		}
	}

	void Playout::Clear(double Lead)
	{
		Running = Ducked = false;
		if (TurnCount > 0) Drop(Turns[size_t(TurnCount - 1)].Number);
		Dropped = 0;
		SetLead(Lead);
		Tell({PointKind::Reset, 0, 0, AirCount});
	}

	void Playout::SetDucked(bool On)
	{
		Ducked = On;
		if (!Running || Fading > 0) return;
		Aim = On ? DuckedGain : 1;
		Step = (1 - DuckedGain) / (RampSeconds * SampleRate);
	}

	bool Playout::Start()
	{
		TurnState& Turn = Turns[0];
		const bool Late = double(Stalled) > StallSeconds * SampleRate && Turn.Waiting > 0;
		size_t From = 0;
		const Chunk* const First = Next(Turn.Number, From);
		Running = (First && !std::isnan(First->Due)) || Turn.Waiting >= std::max<int64_t>(1, Prime) || Turn.Ended || Late;
		if (!Running) return false;
		Turn.Begun = true;
		Gain = Aim = Ducked ? DuckedGain : 1;
		Between = 0;
		Slid = 0;
		Tell({PointKind::Run, Turn.Number, Turn.Heard, AirCount});
		return true;
	}

	// For how many samples, at most `Left`, the turn is silent since its next is due later; what is due long since is left out.
	int64_t Playout::Early(int64_t Left)
	{
		TurnState& Turn = Turns[0];
		while (Fading == 0)
		{
			size_t From = 0;
			const Chunk* const First = Next(Turn.Number, From);
			if (!First || std::isnan(First->Due)) return 0;
			const double Due = First->Due - double(AirCount);
			if (Running && (First->Begun || Due < GapSeconds * SampleRate)) return 0;
			if (Due > 0)
			{
				if (Running) Tell({PointKind::Hold, Turn.Number, Turn.Heard, AirCount});
				Running = false;
				return Due < double(Left) ? int64_t(std::ceil(Due)) : Left;
			}
			if (Running || Due > -1) return 0;
			// No further than this piece: the next has a time of its own.
			for (int64_t Late = -Due < double(First->Count) ? int64_t(-Due) : First->Count; Late > 0;)
			{
				const int64_t Part = std::min(Late, Stretched);
				Fetch(Turn.Number, Raw.data(), Part);
				Turn.Heard += Part;
				Turn.Waiting -= Part;
				Late -= Part;
			}
		}
		return 0;
	}

	// How many samples follow each other for certain: up to the next piece, where that may be due later.
	int64_t Playout::Timed(int64_t Turn) const
	{
		size_t From = 0;
		const Chunk* const First = Next(Turn, From);
		const Chunk* const Second = First ? Next(Turn, From) : nullptr;
		return !Second || std::isnan(Second->Due) ? std::numeric_limits<int64_t>::max() : First->Count;
	}

	// The turn's first chunk that waits, from the `From`-th on, which is then the one after it; null: none.
	Playout::Chunk* Playout::Next(int64_t Turn, size_t& From) const
	{
		while (From < ChunkCount)
		{
			Chunk& Each = Chunks[(FirstChunk + From++) & (Chunks.size() - 1)];
			if (Each.Turn == Turn && Each.Count > 0) return &Each;
		}
		return nullptr;
	}

	// Makes `Run` samples of `Run * Speed`; false where too few are sure to follow each other.
	bool Playout::Stretch(int16_t* Into, int64_t Run, double Speed, int64_t Sure)
	{
		TurnState& Turn = Turns[0];
		const double End = Between + double(Run) * Speed;
		const int64_t Count = int64_t(End);
		if (Sure <= Count) return false;
		Fetch(Turn.Number, Raw.data(), Count);
		size_t From = 0;
		const Chunk* const Following = Next(Turn.Number, From);
		Raw[size_t(Count)] = 0;
		if (Following && Following->Start >= 0) Ring.Copy(Following->Start, Raw.data() + Count, 1);
		for (int64_t Index = 0; Index < Run; Index++)
		{
			const double Place = Between + double(Index) * Speed;
			const int64_t Left = int64_t(Place);
			const double Here = Raw[size_t(Left)], There = Raw[size_t(std::min(Left + 1, Count))];
			Into[Index] = int16_t(std::lround(Here + (There - Here) * (Place - double(Left))));
		}
		Between = End - double(Count);
		Shape(Into, Run);
		if (Tap) Tap->OnSound(Turn.Number, Turn.Heard + Count - Run, Into, size_t(Run));
		Turn.Heard += Count;
		Turn.Waiting -= Count;
		AirCount += Run;
		Slid += Count - Run;
		Residue = Into[Run - 1];
		if (double(std::abs(Slid)) >= SlideSeconds * SampleRate) Slide();
		return true;
	}

	void Playout::Slide()
	{
		Slid = 0;
		Tell({PointKind::Slide, Turns[0].Number, Turns[0].Heard, AirCount});
	}

	void Playout::Play(int16_t* Into, int64_t Run)
	{
		TurnState& Turn = Turns[0];
		if (Slid != 0) Slide();
		Fetch(Turn.Number, Into, Run);
		Shape(Into, Run);
		if (Tap) Tap->OnSound(Turn.Number, Turn.Heard, Into, size_t(Run));
		Turn.Heard += Run;
		Turn.Waiting -= Run;
		AirCount += Run;
		Residue = Into[Run - 1];
		if (Fading == 0) return;
		Fading -= Run;
		if (Fading == 0 || Turn.Waiting == 0) Finish(true);
	}

	void Playout::Fetch(int64_t Turn, int16_t* Into, int64_t Run)
	{
		for (size_t Index = 0; Run > 0 && Index < ChunkCount; Index++)
		{
			Chunk& Each = Chunks[(FirstChunk + Index) & (Chunks.size() - 1)];
			if (Each.Turn != Turn || Each.Count == 0) continue;
			const int64_t Part = std::min(Run, Each.Count);
			if (Each.Start < 0) std::fill(Into, Into + Part, int16_t(0));
			else
			{
				Ring.Copy(Each.Start, Into, Part);
				Each.Start += Part;
			}
			Each.Count -= Part;
			Each.Due += double(Part);
			Each.Begun = true;
			Into += Part;
			Run -= Part;
		}
		Release();
	}

	void Playout::Release()
	{
		while (ChunkCount > 0)
		{
			const Chunk& First = Chunks[FirstChunk];
			if (First.Count > 0 && First.Turn > 0) return;
			Ring.Free(First.RingEnd);
			FirstChunk = (FirstChunk + 1) & (Chunks.size() - 1);
			ChunkCount--;
		}
	}

	void Playout::Shape(int16_t* Into, int64_t Run)
	{
		if (Gain == 1 && Aim == 1) return;
		const double From = Gain, Low = std::min(Gain, Aim), High = std::max(Gain, Aim);
		const double Way = Aim > Gain ? Step : Aim < Gain ? -Step : 0;
		for (int64_t Index = 0; Index < Run; Index++)
		{
			Gain = std::min(High, std::max(Low, Way * double(Index + 1) + From));
			Into[Index] = int16_t(std::lround(Into[Index] * Gain));
		}
	}

	void Playout::Rest(int16_t* Into, int64_t Count)
	{
		for (int64_t Index = 0; Index < Count; Index++)
		{
			Residue = std::fabs(Residue) < 4 ? 0 : Residue * ResidueKept;
			Into[Index] = int16_t(Residue);
		}
	}

	void Playout::Finish(bool Cut)
	{
		const TurnState Turn = Turns[0];
		Forget(0);
		Tell({PointKind::End, Turn.Number, Turn.Heard, AirCount, Cut, Cut ? EndReason::Interrupted : Turn.Reason});
		Running = false;
		Fading = 0;
		Stalled = 0;
		Dropped = std::max(Dropped, Turn.Number);
		if (!Turn.Starved) Prime = std::max(Prime * 9 / 10, LeastPrime);
	}

	void Playout::Forget(int Index)
	{
		const int64_t Number = Turns[size_t(Index)].Number;
		for (size_t At = 0; At < ChunkCount; At++)
		{
			Chunk& Each = Chunks[(FirstChunk + At) & (Chunks.size() - 1)];
			if (Each.Turn == Number) Each.Turn = 0;
		}
		Release();
		TurnCount--;
		for (; Index < TurnCount; Index++) Turns[size_t(Index)] = Turns[size_t(Index) + 1];
	}

	void Playout::Tell(const Point& Given)
	{
		Points.TryWrite(Given);
		Reports.TryWrite(Given);
		if (Tap) Tap->OnPoint(Given);
	}
}
