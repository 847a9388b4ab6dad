#include "Companion/Timeline.h"

#include <cmath>

namespace Companion
{
	namespace
	{
		constexpr double HalfTick = 0.5;
		constexpr double BlendTurn = 0.06, BlendIdle = 0.1, BlendRest = 0.2, BlendCut = 0.1; // s
		constexpr size_t LeastFrames = 1024, MostFrames = 8192;
		constexpr size_t MostMarks = 8192; // words and cues of a turn that wait; the last of more are not shown
		constexpr double Late = 0.15; // s after the earliest arrival at which idle life is shown
		constexpr double Gone = 0.25; // s without a frame, after which it is over
		constexpr double Rise = 0.00005; // s that the offset may rise for each message, to follow the clocks' drift

		void Blend(const uint8_t* Row, const uint8_t* Next, double Share, const FaceFormat& Format, float* Into)
		{
			for (size_t Channel = 0; Channel < Format.Width(); Channel++)
			{
				double Octet = Row[Channel];
				if (Next) Octet += (Next[Channel] - Octet) * Share;
				Into[Channel] = Format.Weight(Channel, Octet);
			}
		}

		int64_t FrameAt(int64_t Pts, int Fps) { return (Pts * Fps + TicksPerSecond / 2) / TicksPerSecond; }
	}

	void TurnTrack::Begin(int64_t Number)
	{
		TurnNumber = Number;
		AnyFace = false;
		Shown = -1;
		Marks.clear();
		NextMark = 0;
		std::fill(Slots.begin(), Slots.end(), -1);
	}

	void TurnTrack::AddFrames(int64_t First, const Segment& Face, FaceSource Source)
	{
		const size_t Count = Width == 0 ? 0 : Face.Size / Width;
		for (size_t Frame = 0; Frame < Count; Frame++)
		{
			const int64_t Index = First + int64_t(Frame);
			if (!Room(Index)) return;
			const size_t Slot = size_t(Index) % Slots.size();
			Slots[Slot] = Index;
			Sources[Slot] = Source;
			std::copy_n(Face.Data + Frame * Width, Width, Rows.begin() + ptrdiff_t(Slot * Width));
			AnyFace = true;
		}
	}

	// A slot that holds a frame not shown yet must not be taken: the ring grows instead, up to a bound.
	bool TurnTrack::Room(int64_t Index)
	{
		while (true)
		{
			if (!Slots.empty())
			{
				const int64_t There = Slots[size_t(Index) % Slots.size()];
				if (There < 0 || There == Index || There <= Shown) return true;
				if (Slots.size() >= MostFrames) return false;
			}
			Grow();
		}
	}

	void TurnTrack::Grow()
	{
		const size_t Size = std::max(LeastFrames, 2 * Slots.size());
		std::vector<int64_t> NewSlots(Size, -1);
		std::vector<uint8_t> NewRows(Size * Width);
		std::vector<FaceSource> NewSources(Size);
		for (size_t Old = 0; Old < Slots.size(); Old++)
		{
			if (Slots[Old] < 0) continue;
			const size_t Slot = size_t(Slots[Old]) % Size;
			NewSlots[Slot] = Slots[Old];
			NewSources[Slot] = Sources[Old];
			std::copy_n(Rows.begin() + ptrdiff_t(Old * Width), Width, NewRows.begin() + ptrdiff_t(Slot * Width));
		}
		Slots = std::move(NewSlots);
		Rows = std::move(NewRows);
		Sources = std::move(NewSources);
	}

	void TurnTrack::Add(Mark Given)
	{
		if (NextMark >= 64)
		{
			Marks.erase(Marks.begin(), Marks.begin() + ptrdiff_t(NextMark));
			NextMark = 0;
		}
		if (Marks.size() >= MostMarks) return;
		size_t At = Marks.size();
		while (At > NextMark && Marks[At - 1].Pts > Given.Pts) At--;
		Marks.insert(Marks.begin() + ptrdiff_t(At), std::move(Given));
	}

	const TurnTrack::Mark* TurnTrack::Next(double Pts)
	{
		if (NextMark >= Marks.size() || double(Marks[NextMark].Pts) > Pts) return nullptr;
		return &Marks[NextMark++];
	}

	void TurnTrack::Hold(int64_t Index)
	{
		if (!Has(Index)) return;
		const size_t Slot = size_t(Index) % Slots.size();
		std::copy_n(Rows.begin() + ptrdiff_t(Slot * Width), Width, HeldRow.begin());
		ShownSource = Sources[Slot];
		Shown = Index;
	}

	void TurnTrack::Sample(double Position, const FaceFormat& Format, float* Into)
	{
		const int64_t Index = int64_t(std::floor(Position));
		int64_t Found = Index;
		// No more than the ring holds can lie between: a position far beyond it holds the last frame.
		for (size_t Steps = 0; Found > Shown && !Has(Found) && Steps < MostFrames; Steps++) Found--;
		Hold(Found);
		const bool Both = Found == Index && Has(Index) && Has(Index + 1);
		const uint8_t* Next = Both ? &Rows[size_t(Index + 1) % Slots.size() * Width] : nullptr;
		if (Shown < 0) std::fill_n(Into, Width, 0.0f);
		else Blend(HeldRow.data(), Next, Position - double(Index), Format, Into);
	}

	IdleLife::IdleLife(const FaceFormat& Given)
		: Format(Given), Slots(size_t(std::max(1, Given.Fps)), -1), Rows(Slots.size() * Given.Width()), Last(Given.Width())
	{
	}

	void IdleLife::Clear()
	{
		std::fill(Slots.begin(), Slots.end(), -1);
		Offset = std::numeric_limits<double>::infinity();
		LastAt = -std::numeric_limits<double>::infinity();
	}

	void IdleLife::Add(int64_t Pts, const Segment& Face, double Now)
	{
		const size_t Width = Format.Width();
		if (Width == 0 || Face.Size < Width) return;
		Offset = std::min(Now - double(Pts) / double(TicksPerSecond), Offset + Rise);
		const int64_t First = FrameAt(Pts, Format.Fps);
		for (size_t Frame = 0; (Frame + 1) * Width <= Face.Size; Frame++)
		{
			const size_t Slot = size_t(First + int64_t(Frame)) % Slots.size();
			Slots[Slot] = First + int64_t(Frame);
			std::copy_n(Face.Data + Frame * Width, Width, Rows.begin() + ptrdiff_t(Slot * Width));
		}
	}

	bool IdleLife::Living(double Now)
	{
		const int64_t Index = int64_t(std::floor(Place(Now)));
		if (Has(Index))
		{
			std::copy_n(Rows.begin() + ptrdiff_t(size_t(Index) % Slots.size() * Format.Width()), Format.Width(), Last.begin());
			LastAt = Now;
		}
		return Now - LastAt < Gone;
	}

	void IdleLife::Sample(double Now, float* Into) const
	{
		const double Position = Place(Now);
		const int64_t Index = int64_t(std::floor(Position));
		const bool Both = Has(Index) && Has(Index + 1);
		Blend(Last.data(), Both ? &Rows[size_t(Index + 1) % Slots.size() * Format.Width()] : nullptr, Position - double(Index), Format, Into);
	}

	double IdleLife::Place(double Now) const { return std::isinf(Offset) ? -1 : (Now - Offset - Late) * Format.Fps; }

	Timeline::Timeline(FaceFormat Given, int GivenRate)
		: Face(std::move(Given)), Rate(GivenRate), Idle(Face), ShownWeights(Face.Width()), FromWeights(Face.Width())
	{
	}

	TurnTrack* Timeline::Find(int64_t Turn) const
	{
		for (const auto& Each : Tracks)
			if (Each->Number() == Turn) return Each.get();
		return nullptr;
	}

	TurnTrack* Timeline::Track(int64_t Turn)
	{
		constexpr size_t MostTracks = 64;
		if (Turn <= Dropped) return nullptr;
		if (TurnTrack* Found = Find(Turn)) return Found;
		if (Tracks.size() >= MostTracks) return nullptr;
		if (Spare.empty()) Tracks.push_back(std::make_unique<TurnTrack>(Face.Width()));
		else
		{
			Tracks.push_back(std::move(Spare.back()));
			Spare.pop_back();
		}
		Tracks.back()->Begin(Turn);
		return Tracks.back().get();
	}

	void Timeline::Remove(int64_t Turn)
	{
		for (size_t At = 0; At < Tracks.size(); At++)
		{
			if (Tracks[At]->Number() != Turn) continue;
			Spare.push_back(std::move(Tracks[At]));
			Tracks.erase(Tracks.begin() + ptrdiff_t(At));
			return;
		}
	}

	void Timeline::Add(const Media& Given, double Now)
	{
		if (Given.Turn == 0) Idle.Add(Given.FacePts, Given.Face, Now);
		else if (Given.Face.Size > 0)
			if (TurnTrack* Into = Track(Given.Turn)) Into->AddFrames(FrameAt(Given.FacePts, Face.Fps), Given.Face, Given.Source);
	}

	void Timeline::Add(const Word& Given)
	{
		if (TurnTrack* Into = Track(Given.Turn)) Into->Add({Given.Pts, Given.End, std::string(Given.Text), std::string(Given.Gap), true, false, 1});
	}

	void Timeline::Add(const Cue& Given)
	{
		if (TurnTrack* Into = Track(Given.Turn)) Into->Add({Given.Pts, 0, std::string(Given.Name), "", false, Given.Emotion, Given.Intensity});
	}

	void Timeline::Drop(int64_t Turn)
	{
		for (const auto& Each : Tracks)
			if (Each->Number() <= Turn) Each->DropMarks();
		Dropped = std::max(Dropped, Turn);
	}

	void Timeline::NewSession()
	{
		Ignored++;
		for (auto& Each : Tracks) Spare.push_back(std::move(Each));
		Tracks.clear();
		Points.Clear();
		Due.Clear();
		HasSince = false;
		Dropped = NowTurn = 0;
		NowPts = 0;
		NowRunning = false;
		Idle.Clear();
	}

	void Timeline::Add(const Point& Given)
	{
		if (Given.Kind == PointKind::Reset) Ignored = std::max(0, Ignored - 1);
		else if (Ignored == 0) Points.Push(Given);
	}

	void Timeline::Advance(double Air)
	{
		while (!Points.Empty() && double(Points.Front().Air) <= Air)
		{
			const Point Given = Points.Pop();
			Place(double(Given.Air));
			Marks(false);
			Pass(Given);
		}
		Place(Air);
		Marks(NowRunning);
	}

	bool Timeline::Next(Heard& Into)
	{
		if (Due.Empty()) return false;
		Into = Due.Pop();
		return true;
	}

	void Timeline::Pass(const Point& Given)
	{
		Heard Made;
		Made.Turn = Given.Turn;
		Made.Pts = Given.Sample * TicksPerSecond / Rate;
		switch (Given.Kind)
		{
			case PointKind::Run:
				if (!HasSince || Since.Turn != Given.Turn) Due.Push(std::move(Made));
				Since = Given;
				HasSince = true;
				break;
			case PointKind::Slide:
				Since = Given;
				Since.Kind = PointKind::Run;
				HasSince = true;
				break;
			case PointKind::Hold:
				Made.Kind = HeardKind::Held;
				Due.Push(std::move(Made));
				Since = Given;
				HasSince = true;
				break;
			case PointKind::End:
				if (TurnTrack* Of = Find(Given.Turn))
				{
					if (!Given.Cut) Tell(*Of, std::numeric_limits<double>::infinity());
					Remove(Given.Turn);
				}
				Made.Kind = HeardKind::Ended;
				Made.Cut = Given.Cut;
				Made.Reason = Given.Reason;
				Due.Push(std::move(Made));
				CutLast = Given.Cut;
				Dropped = std::max(Dropped, Given.Turn);
				if (HasSince && Since.Turn == Given.Turn) HasSince = false;
				break;
			case PointKind::Reset: break;
		}
	}

	void Timeline::Place(double Air)
	{
		NowTurn = HasSince ? Since.Turn : 0;
		NowRunning = HasSince && Since.Kind == PointKind::Run;
		NowPts = 0;
		if (!HasSince) return;
		const double Until = Points.Empty() ? Air : std::min(Air, double(Points.Front().Air));
		const double Run = NowRunning ? std::max(0.0, Until - double(Since.Air)) : 0;
		NowPts = (double(Since.Sample) + Run) * double(TicksPerSecond) / Rate;
	}

	// What the playhead has passed; also what begins with its sample, if that is heard, as it is not where it holds.
	void Timeline::Marks(bool HeardToo)
	{
		if (NowTurn == 0) return;
		if (TurnTrack* Of = Find(NowTurn)) Tell(*Of, HeardToo ? NowPts : NowPts - HalfTick);
	}

	void Timeline::Tell(TurnTrack& From, double Until)
	{
		while (const TurnTrack::Mark* Each = From.Next(Until))
		{
			Heard Made;
			Made.Kind = Each->IsWord ? HeardKind::Word : HeardKind::Cue;
			Made.Turn = From.Number();
			Made.Pts = Each->Pts;
			Made.End = Each->End;
			Made.Text = Each->Text;
			Made.Gap = Each->Gap;
			Made.Emotion = Each->Emotion;
			Made.Intensity = Each->Intensity;
			Due.Push(std::move(Made));
		}
	}

	void Timeline::Sample(double Now, double Lead, float* Into)
	{
		TurnTrack* const Of = NowTurn > 0 ? Find(NowTurn) : nullptr;
		const bool Speaking = Of && Of->HasFace();
		const Showing Wanted = Speaking ? Showing::Turn : Idle.Living(Now) ? Showing::Idle : Showing::Rest;
		if (Wanted != Shown || (Speaking && NowTurn != ShowingTurn)) Turned(Wanted, Now);
		if (Speaking) Of->Sample(std::max(0.0, (NowPts + (NowRunning ? Lead : 0)) * Face.Fps / double(TicksPerSecond)), Face, Into);
		else if (Wanted == Showing::Idle) Idle.Sample(Now, Into);
		else std::fill_n(Into, Face.Width(), 0.0f);
		ShownSource = Speaking ? Of->Source() : FaceSource::None;
		const float Share = float(std::clamp((Now - BlendFrom) / BlendOver, 0.0, 1.0));
		for (size_t Channel = 0; Channel < Face.Width(); Channel++)
		{
			if (Share < 1) Into[Channel] = FromWeights[Channel] + (Into[Channel] - FromWeights[Channel]) * Share;
			ShownWeights[Channel] = Into[Channel];
		}
	}

	void Timeline::Turned(Showing Now, double At)
	{
		FromWeights = ShownWeights;
		BlendFrom = At;
		BlendOver = Now == Showing::Turn ? BlendTurn : CutLast ? BlendCut : Now == Showing::Idle ? BlendIdle : BlendRest;
		if (Now == Showing::Turn) CutLast = false;
		Shown = Now;
		ShowingTurn = NowTurn;
	}
}
