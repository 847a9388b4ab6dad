// What the companion hears.
#pragma once

#include "Companion/Voice.h"

namespace Companion
{
	/// When the companion hears the user: never, while a key is held (the safe choice without echo cancellation), or always.
	enum class ListenMode : uint8_t { Off, PushToTalk, Open };

	/// Takes what the ear sends.
	class IEarSink
	{
	public:
		virtual ~IEarSink() = default;
		virtual void OnMic(int64_t Pts, const uint8_t* Data, size_t Size) = 0;
		virtual void OnTalk(bool On, int64_t Pts) = 0;
	};

	/// Makes 20 ms frames at 16 kHz of microphone sound of any rate, with a position that never stops. Push-to-talk sends the
	/// half second before the key went down, so that no first syllable is lost, and goes on for a tail after it came up, since
	/// people let go before they have finished. Belongs to one thread.
	class COMPANIONCORE_API Ear
	{
	public:
		static constexpr int Rate = 16000;

		explicit Ear(IEarSink& Given) : Sink(Given) {}

		/// Samples since the microphone opened first.
		int64_t Pts() const { return NowPts; }
		/// Whether the server counts the key as down.
		bool Talking() const { return IsTalking; }
		bool IsOpen() const { return Converter != nullptr; }
		/// Loudness of the last 20 ms, 0..1.
		float Level() const { return Loudness; }
		/// The system delivers nothing but zeros: the microphone is muted or not allowed.
		bool Muted() const { return ZeroCount > Rate; }
		ListenMode Mode() const { return NowMode; }
		void SetMode(ListenMode Given);
		/// Seconds that are sent after the key came up.
		void SetTail(double Seconds) { TailSeconds = Seconds; }

		/// A microphone begins to deliver samples at this rate.
		void Open(int DeviceRate);
		/// The microphone is gone; what was being said ends.
		void Close();
		/// The key went down or up.
		void Talk(bool On, double Now);
		/// Lets go at once, without a tail: the game lost its focus, the user opened a menu.
		void Release();
		/// The connection was mended: the server has the key as up again.
		void Mended();
		/// A new session: the server has never heard of the key.
		void NewSession();
		/// Time passes: a tail ends also when no more sound comes.
		void Step(double Now);
		/// The next samples of the microphone, mono, -1..1.
		void Feed(const float* Samples, size_t Count);
		/// So many samples of the microphone were lost before the next: the position goes on, and tells the hole.
		void Lost(size_t Samples);

	private:
		static constexpr size_t Frame = 320; // samples
		static constexpr size_t PreRoll = 25; // frames
		static constexpr int Rest = 30; // frames of silence that end the last utterance when the microphone closes

		void Pass();
		void Store();
		void SendKept();
		void EndWithSilence();

		IEarSink& Sink;
		std::array<uint8_t, PreRoll * 2 * Frame> Ring{};
		std::array<uint8_t, 2 * Frame> Coded{};
		std::array<float, Frame> Block{};
		std::vector<int16_t> Input;
		size_t InputFirst = 0, Filled = 0, Kept = 0;
		std::unique_ptr<Resampler> Converter;
		int DeviceRate = Rate;
		int64_t NowPts = 0, ZeroCount = 0, Tail = -1;
		double TailSince = 0, TailSeconds = 0.3;
		float Loudness = 0;
		bool Held = false, IsTalking = false;
		ListenMode NowMode = ListenMode::PushToTalk;
	};
}
