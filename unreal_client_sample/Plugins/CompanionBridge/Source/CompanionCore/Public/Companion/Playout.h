// The jitter buffer on the media clock.
#pragma once

#include "Companion/Messages.h"
#include "Companion/Rings.h"

#include <array>
#include <limits>

namespace Companion
{
	/// Where the rule "each sample heard is the next of its turn" begins or ends; Slide: the turn runs on, a little shifted since
	/// it is played faster or slower.
	enum class PointKind : uint8_t { Run, Hold, End, Reset, Slide };

	/// A turning point of playback: sample `Sample` of a turn lies at sample `Air` of the stream.
	struct Point
	{
		PointKind Kind = PointKind::Reset;
		int64_t Turn = 0, Sample = 0, Air = 0;
		bool Cut = false;
		EndReason Reason = EndReason::Complete;
	};

	/// Hears what goes to air, on the thread that reads. Must be quick and allocate nothing.
	class IAirTap
	{
	public:
		virtual ~IAirTap() = default;
		/// Samples of a turn from sample `Sample` on, as they sound (ducked, faded).
		virtual void OnSound(int64_t Turn, int64_t Sample, const int16_t* Air, size_t Count) = 0;
		virtual void OnPoint(const Point& Given) = 0;
	};

	/// The client's half of smooth playback, read by the sound output: starts a turn at 80 ms buffered, holds the playhead
	/// when it runs dry, fades what is interrupted, ducks in overlap. One thread pushes, one reads; there are no locks, and
	/// reading allocates nothing. SPEC, sections 6.3 and 7, and the playout traces say the rest.
	class COMPANIONCORE_API Playout
	{
	public:
		/// `Rate` divides 48000; `Lead` is what the server keeps ahead, s.
		Playout(int Rate, double Lead, IAirTap* Tap = nullptr);

		int Rate() const { return SampleRate; }
		int Underruns() const { return UnderrunCount.load(std::memory_order_relaxed); }
		/// Seconds that wait to be heard.
		double Buffered() const { return double(BufferedSamples.load(std::memory_order_relaxed)) / SampleRate; }
		/// Samples of the stream that were read so far.
		int64_t Air() const { return SharedAir.load(std::memory_order_acquire); }
		/// The turn at the playhead, also while it is held, and its position in ticks; turn 0 between turns. Any thread.
		void Playhead(int64_t& Turn, int64_t& Pts) const;

		/// Turning points, for the thread that shows the face and the words, and the same for who reports the playhead.
		SpscRing<Point> Points{512}, Reports{512};

		// The pushing thread. False: more waits than can be held, so the server does not pace.
		bool Begin(int64_t Turn) { return Push({What::Begin, Turn}); }
		/// `Due` is the sample of the stream at which it is to be heard; NaN: as soon as there is enough.
		bool Append(int64_t Turn, int64_t Pts, const Segment& Pcm, double Due = std::numeric_limits<double>::quiet_NaN());
		bool End(int64_t Turn, EndReason Reason) { return Push({What::End, Turn, 0, 0, 0, Reason}); }
		/// Drops every turn up to this one; the one being heard fades out.
		bool Interrupt(int64_t Turn) { return Push({What::Interrupt, Turn}); }
		bool Duck(bool On) { return Push({On ? What::Duck : What::Unduck}); }
		/// Drops everything at once: the session is a new one, and turns count from 1 again.
		bool Reset(double Lead) { return Push({What::Reset, 0, int64_t(Lead * 1e6)}); }

		/// Any thread: faster or slower by what nobody hears, to keep to a room's clock; 0.9 to 1.1, 1 as it is.
		void SetSpeed(double Given) { Pace.store(std::min(1.1, std::max(0.9, Given)), std::memory_order_relaxed); }

		/// The reading thread: the next samples of the stream, silence where there is none.
		void Read(int16_t* Into, size_t Count);

	private:
		enum class What : uint8_t { Begin, Append, End, Interrupt, Duck, Unduck, Reset };

		struct Command
		{
			What Kind = What::Begin;
			int64_t Turn = 0, Pts = 0, Start = 0, Count = 0;
			EndReason Reason = EndReason::Complete;
			double Due = std::numeric_limits<double>::quiet_NaN();
		};

		/// Samples of a turn that wait: in the ring from `Start` on, or (below 0) a gap of silence. `Due` is the sample of the stream
		/// at which the first of them is, NaN as soon as there is enough; `Begun`: some were heard already.
		struct Chunk
		{
			int64_t Turn = 0, Start = 0, Count = 0, RingEnd = 0;
			double Due = std::numeric_limits<double>::quiet_NaN();
			bool Begun = false;
		};

		struct TurnState
		{
			int64_t Number = 0, Heard = 0, Waiting = 0;
			EndReason Reason = EndReason::Complete;
			bool Placed = false, Begun = false, Ended = false, Starved = false;
		};

		bool Push(const Command& Given) { return Commands.TryWrite(Given); }
		void Take();
		void TakeMedia(const Command& Given);
		void Add(const Chunk& Given);
		int TurnOf(int64_t Number, bool Placed);
		void Drop(int64_t Number);
		void Clear(double Lead);
		void SetLead(double Lead);
		void SetDucked(bool On);
		bool Start();
		int64_t Early(int64_t Left);
		int64_t Timed(int64_t Turn) const;
		Chunk* Next(int64_t Turn, size_t& From) const;
		void Play(int16_t* Into, int64_t Run);
		bool Stretch(int16_t* Into, int64_t Run, double Speed, int64_t Sure);
		void Slide();
		void Fetch(int64_t Turn, int16_t* Into, int64_t Run);
		void Release();
		void Shape(int16_t* Into, int64_t Run);
		void Rest(int16_t* Into, int64_t Count);
		void Finish(bool Cut);
		void Forget(int Index);
		void Tell(const Point& Given);

		static constexpr int MostTurns = 64;
		static constexpr size_t MostChunks = 4096;
		static constexpr int64_t Stretched = 1024; // samples that are made faster or slower in one go

		const int SampleRate;
		IAirTap* const Tap;
		SpscRing<Command> Commands{MostChunks};
		SampleRing Ring;
		mutable std::vector<Chunk> Chunks;
		std::array<int16_t, size_t(Stretched + Stretched / 8)> Raw; // what is made faster or slower
		std::array<TurnState, MostTurns> Turns;
		size_t FirstChunk = 0, ChunkCount = 0;
		int TurnCount = 0;
		int64_t LeastPrime = 0, MostPrime = 0, Prime = 0;
		bool Running = false, Ducked = false;
		int64_t Dropped = 0, AirCount = 0, Stalled = 0, Fading = 0;
		int64_t Slid = 0; // samples since a turning point told where the turn is
		double Gain = 1, Aim = 1, Step = 0, Residue = 0;
		double Between = 0; // of two samples, where it is played faster or slower
		double ResidueKept;
		std::atomic<int> UnderrunCount{0};
		std::atomic<double> Pace{1};
		std::atomic<int64_t> BufferedSamples{0}, SharedAir{0}, SharedPlayhead{0};
	};
}
