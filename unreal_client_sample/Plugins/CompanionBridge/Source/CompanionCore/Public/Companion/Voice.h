// The voice as a sound output takes it, and the clock that says which part of it is heard.
#pragma once

#include "Companion/Playout.h"

#include <memory>

namespace Companion
{
	/// Which second of the stream the mixer is at, from the moments at which it asked for blocks.
	/// A callback can only come late, never early, so the lowest offset between the wall clock and the samples asked for is
	/// the true one; it is looked for over the last two seconds, so that the clock is right again soon after the mixer dropped
	/// out, and follows a sound card that is slower or faster than the wall clock. Blocks that are asked for in one go count
	/// once, by the first. One thread writes, any reads, without locks.
	class COMPANIONCORE_API PlayoutClock
	{
	public:
		/// The mixer asks, at `Wall` seconds, for `Length` seconds of the stream from `Start` on.
		void OnBlock(double Wall, double Start, double Length);
		void Reset();
		/// Second of the stream that leaves the mixer at `Wall`; below 0 before it runs. Never beyond what was asked for.
		double At(double Wall) const;
		/// The same also beyond what was asked for; NaN before it runs.
		double Ahead(double Wall) const;
		bool Running() const;

	private:
		struct Wake
		{
			double Wall, Offset;
		};

		static constexpr size_t Most = 1024; // wakes of the window that are kept
		void Publish(double Offset, double End);
		bool Shared(double& Offset, double& End) const;

		// The lowest offsets of the window, rising: the first is the lowest, each later one is newer and higher.
		std::array<Wake, Most> Lowest;
		size_t First = 0, Count = 0;
		double LastWall = 0;
		bool Started = false;
		std::atomic<uint64_t> Version{0};
		std::atomic<double> SharedOffset{0}, SharedEnd{0};
		std::atomic<bool> SharedRunning{false};
	};

	/// Resamples by a windowed sinc (Kaiser, about 70 dB), pulling from a source. Output k is the input at exactly
	/// k * source / target; to make it the source is read half a filter ahead (under 1 ms). Chunking never changes the result.
	/// Source: J. O. Smith, "Digital Audio Resampling", ccrma.stanford.edu/~jos/resample.
	class COMPANIONCORE_API Resampler
	{
	public:
		/// Gives `Count` samples; a plain function, so that a sound callback allocates nothing.
		using Source = void (*)(void* Self, int16_t* Into, size_t Count);

		Resampler(int From, int To);
		/// How many outputs can be made when the source has `Available` samples.
		size_t Producible(size_t Available) const;
		void Read(Source From, void* Self, float* Into, size_t Count);

	private:
		void Pull(Source From, void* Self, size_t Wanted);

		static constexpr size_t Block = 512;
		int64_t Up = 1, Down = 1;
		size_t Half = 0;
		std::vector<float> Filters; // Up rows of 2 * Half taps
		std::vector<float> Held; // input that is still needed
		std::array<int16_t, Block> Raw;
		size_t First = 0, Kept = 0;
		int64_t Phase = 0;
	};

	/// The stream of a `Playout` at the output's own rate. The output calls `Fill` on its thread; the rest may come from any.
	class COMPANIONCORE_API Voice
	{
	public:
		/// Plays from this stream from now on; it must outlive the voice.
		void Attach(Playout* Given) { Wanted.store(Given, std::memory_order_release); }
		Playout* Attached() const { return Wanted.load(std::memory_order_acquire); }
		/// The output's samples a second, as they are from now on.
		void SetOutputRate(int PerSecond) { WantedRate.store(PerSecond, std::memory_order_release); }
		int OutputRate() const { return WantedRate.load(std::memory_order_acquire); }
		/// Seconds from the mixer to the ear.
		void SetLatency(double Seconds) { LatencySeconds.store(Seconds, std::memory_order_relaxed); }
		/// The output was rebuilt (device change, pause): its clock begins anew, the stream goes on where it was.
		void Restart() { Again.fetch_add(1, std::memory_order_release); }
		/// Loudness of what went to the mixer last, 0..1.
		float Level() const { return Loudness.load(std::memory_order_relaxed); }

		/// The next `Count` samples, mono, which the mixer asks for at `Wall` seconds.
		void Fill(float* Mono, size_t Count, double Wall);
		/// The sample of the stream that is heard at `Wall`; below 0 when nothing plays yet.
		double Heard(double Wall) const;
		/// The sample of the stream that will be heard at `Wall`, however far ahead that is; NaN when nothing plays yet.
		double SampleAt(double Wall) const;
		/// Whether the output asks for samples.
		bool Running() const { return Clock.Running(); }

	private:
		PlayoutClock Clock;
		std::atomic<Playout*> Wanted{nullptr};
		std::atomic<int> WantedRate{48000}, Again{0};
		std::atomic<double> LatencySeconds{0};
		std::atomic<float> Loudness{0};
		// The filling thread's own.
		Playout* Playing = nullptr;
		std::unique_ptr<Resampler> Converter;
		int Rate = 0, Seen = 0;
		int64_t Outputs = 0;
		double From = 0;
	};
}
