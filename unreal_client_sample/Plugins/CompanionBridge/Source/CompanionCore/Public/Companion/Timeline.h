// What is heard and seen at a sample of the output stream.
#pragma once

#include "Companion/Playout.h"

#include <limits>
#include <memory>
#include <string>

namespace Companion
{
	/// What became audible.
	enum class HeardKind : uint8_t { Began, Word, Cue, Held, Ended };

	/// Something that falls due with the sound that is heard.
	struct Heard
	{
		HeardKind Kind = HeardKind::Began;
		int64_t Turn = 0, Pts = 0, End = 0;
		/// The word, or the cue's name, and what is written before the word.
		std::string Text, Gap = " ";
		bool Emotion = false, Cut = false;
		float Intensity = 1;
		EndReason Reason = EndReason::Complete;
	};

	/// Face frames, words and cues of one turn, until they are heard. Used again for another turn.
	class TurnTrack
	{
	public:
		struct Mark
		{
			int64_t Pts = 0, End = 0;
			std::string Text, Gap;
			bool IsWord = false, Emotion = false;
			float Intensity = 1;
		};

		explicit TurnTrack(size_t GivenWidth) : Width(GivenWidth), HeldRow(GivenWidth) {}
		void Begin(int64_t Number);
		int64_t Number() const { return TurnNumber; }
		bool HasFace() const { return AnyFace; }
		FaceSource Source() const { return Shown < 0 ? FaceSource::None : ShownSource; }
		void AddFrames(int64_t First, const Segment& Face, FaceSource Source);
		void Add(Mark Given);
		void DropMarks() { NextMark = Marks.size(); }
		/// The next word or cue that is due at a position in ticks, or null.
		const Mark* Next(double Pts);
		/// Blends the two frames around a position, in frames; where frames are missing the last is held.
		void Sample(double Position, const FaceFormat& Format, float* Into);

	private:
		bool Has(int64_t Index) const { return Index >= 0 && !Slots.empty() && Slots[size_t(Index) % Slots.size()] == Index; }
		bool Room(int64_t Index);
		void Grow();
		void Hold(int64_t Index);

		const size_t Width;
		int64_t TurnNumber = 0, Shown = -1; // the newest frame that was shown
		bool AnyFace = false;
		FaceSource ShownSource = FaceSource::None;
		std::vector<int64_t> Slots; // index of the frame in each; -1: none
		std::vector<uint8_t> Rows, HeldRow;
		std::vector<FaceSource> Sources;
		std::vector<Mark> Marks;
		size_t NextMark = 0;
	};

	/// Face frames between replies, on a clock of the server's that no sound carries: a network only ever delays, so the
	/// earliest arrival tells that clock, and frames are shown a fixed time after it.
	class IdleLife
	{
	public:
		explicit IdleLife(const FaceFormat& Given);
		void Clear();
		void Add(int64_t Pts, const Segment& Face, double Now);
		/// Whether there is life to show; what ran out is not held, since it may have stopped in a blink.
		bool Living(double Now);
		void Sample(double Now, float* Into) const;

	private:
		double Place(double Now) const;
		bool Has(int64_t Index) const { return Index >= 0 && Slots[size_t(Index) % Slots.size()] == Index; }

		const FaceFormat& Format;
		std::vector<int64_t> Slots;
		std::vector<uint8_t> Rows, Last;
		double Offset = std::numeric_limits<double>::infinity(), LastAt = -std::numeric_limits<double>::infinity();
	};

	/// Words, cues and the face of each turn on its media clock. One thread gives it messages and turning points, asks for
	/// what is due, and samples the face.
	class COMPANIONCORE_API Timeline
	{
	public:
		Timeline(FaceFormat Given, int Rate);
		Timeline(const Timeline&) = delete;
		Timeline& operator=(const Timeline&) = delete;

		const FaceFormat& Format() const { return Face; }
		/// The turn that is heard, its position in ticks, and whether it moves.
		int64_t Turn() const { return NowTurn; }
		double Pts() const { return NowPts; }
		bool Running() const { return NowRunning; }
		/// How the shown face knows the sounds.
		FaceSource Source() const { return ShownSource; }
		/// Whether the face comes from a reply or from idle life; else it rests and the game's own life may stand in.
		bool Alive() const { return Shown != Showing::Rest; }

		void Add(const Media& Given, double Now);
		void Add(const Word& Given);
		void Add(const Cue& Given);
		/// No word or cue of turns up to this one falls due any more.
		void Drop(int64_t Turn);
		/// A new session: turns count from 1 again.
		void NewSession();
		/// Takes a turning point of `Playout`.
		void Add(const Point& Given);

		/// Goes on to a sample of the stream; then `Next` tells what fell due, in order.
		void Advance(double Air);
		bool Next(Heard& Into);
		/// The weights of the face where `Advance` has gone to, plus `Lead` ticks, at `Now` seconds; as many as the format is wide.
		void Sample(double Now, double Lead, float* Into);

	private:
		enum class Showing : uint8_t { Rest, Idle, Turn };

		TurnTrack* Track(int64_t Turn);
		TurnTrack* Find(int64_t Turn) const;
		void Remove(int64_t Turn);
		void Pass(const Point& Given);
		void Place(double Air);
		void Marks(bool HeardToo);
		void Tell(TurnTrack& From, double Pts);
		void Turned(Showing Now, double At);

		const FaceFormat Face;
		const int Rate;
		IdleLife Idle;
		std::vector<std::unique_ptr<TurnTrack>> Tracks, Spare;
		Fifo<Point> Points;
		Fifo<Heard> Due;
		std::vector<float> ShownWeights, FromWeights;
		Point Since;
		bool HasSince = false, NowRunning = false, CutLast = false;
		int64_t Dropped = 0, NowTurn = 0, ShowingTurn = 0;
		double NowPts = 0;
		int Ignored = 0; // resets that are still to come: points before them are of an older session
		Showing Shown = Showing::Rest;
		FaceSource ShownSource = FaceSource::None;
		double BlendFrom = -std::numeric_limits<double>::infinity(), BlendOver = 1;
	};
}
