// A room's shared clock: when a piece of sound is due here, and how fast to play.
#pragma once

#include "Companion/Base.h"
#include "Companion/Rings.h"

#include <array>

namespace Companion
{
	/// Keeps one device in step with all others of a room: by the server's clock, whatever its own clock and sound card do.
	/// `Now` is ms of the device's own clock.
	class COMPANIONCORE_API InStep
	{
	public:
		/// Whether a ping is due, and notes that it is sent: quickly at first, until the line is known.
		bool Due(double Now);
		/// Takes the answer to the ping that was sent at `Stamp`; it came at some moment of the last `Grain` ms, as where messages
		/// are handed over once a frame.
		void Pong(double Stamp, double Server, double Now, double Grain = 0);
		bool Known() const { return Count > 0; }
		/// How far the server's clock is ahead of this one, ms: by the quickest answer; where it is not known to the grain which
		/// one that was, by the mean of those that may be it.
		double Offset() const;
		/// When the instant `At` of the server's clock (ms, as `Media::At`) comes on this device's clock.
		double Here(double At) const { return At - Offset(); }
		/// How fast to play where what is heard at `Now` is due at `At`: 1 as it is, 0 to wait, infinity to skip.
		double Speed(double At, double Now);

	private:
		static constexpr size_t Kept = 10; // pings that are looked at
		struct Answer
		{
			double Trip, Offset, Grain;
		};
		std::array<Answer, Kept> Answers;
		size_t Count = 0, Next = 0;
		double Pinged = 0, Nudging = 0;
		bool Asked = false;
	};

	/// What a room's clock asks of this device. Outside of rooms, and without `Media::At`, it asks nothing. One thread.
	class COMPANIONCORE_API Together
	{
	public:
		/// The session is a new one.
		void Reset();
		/// Takes a piece of sound: the ms of this clock at which it is due; false where nobody says.
		bool Place(int64_t Turn, int64_t Pts, double At, double& Due);
		/// How fast to play, where `Pts` of a turn is audible at `Now` and moves: 1 as it is.
		double Speed(int64_t Turn, double Pts, double Now);

		InStep Step;

	private:
		static constexpr size_t Most = 4096; // pieces that wait to be heard; the oldest go
		struct Piece
		{
			int64_t Turn = 0, Pts = 0;
			double At = 0;
		};
		Fifo<Piece> Pieces;
		Piece Heard;
	};
}
