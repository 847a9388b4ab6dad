#include "Companion/Ear.h"

#include <cmath>

namespace Companion
{
	namespace
	{
		constexpr double TailWithoutSound = 0.6; // s after which a tail ends although no sound comes

		int16_t Coded16(double Sample) { return int16_t(std::clamp(std::nearbyint(Sample * 32768.0), -32768.0, 32767.0)); }
	}

	void Ear::SetMode(ListenMode Given)
	{
		if (NowMode == ListenMode::Open && Given != ListenMode::Open && IsOpen() && !IsTalking) EndWithSilence();
		if (Given == ListenMode::Off) Release();
		NowMode = Given;
	}

	void Ear::Open(int Given)
	{
		DeviceRate = Given;
		Converter = std::make_unique<Resampler>(Given, Rate);
		Input.clear();
		InputFirst = Filled = Kept = 0;
		ZeroCount = 0;
	}

	void Ear::Close()
	{
		if (!IsOpen()) return;
		if (IsTalking || NowMode == ListenMode::Open) EndWithSilence();
		Release();
		Converter.reset();
		Loudness = 0;
	}

	void Ear::Talk(bool On, double Now)
	{
		if (On == Held || (On && NowMode == ListenMode::Off)) return;
		Held = On;
		if (!On)
		{
			if (!IsTalking) return;
			Tail = NowPts + int64_t(TailSeconds * Rate);
			TailSince = Now;
			return;
		}
		Tail = -1; // pressed again during the tail: it goes on as one
		if (IsTalking) return;
		IsTalking = true;
		Sink.OnTalk(true, NowPts);
		if (NowMode != ListenMode::Open) SendKept();
	}

	void Ear::Release()
	{
		Held = false;
		Tail = -1;
		if (!IsTalking) return;
		IsTalking = false;
		Sink.OnTalk(false, NowPts);
	}

	void Ear::Mended()
	{
		if (IsTalking) Sink.OnTalk(true, NowPts);
	}

	void Ear::NewSession()
	{
		Tail = -1;
		IsTalking = Held;
		if (Held) Sink.OnTalk(true, NowPts);
	}

	void Ear::Step(double Now)
	{
		if (Tail >= 0 && (NowPts >= Tail || Now - TailSince > std::max(TailSeconds, TailWithoutSound))) Release();
	}

	void Ear::Feed(const float* Samples, size_t Count)
	{
		if (!Converter) return;
		if (InputFirst > 0)
		{
			Input.erase(Input.begin(), Input.begin() + ptrdiff_t(InputFirst));
			InputFirst = 0;
		}
		for (size_t Index = 0; Index < Count; Index++) Input.push_back(Coded16(Samples[Index]));
		while (true)
		{
			const size_t Ready = std::min(Frame - Filled, Converter->Producible(Input.size() - InputFirst));
			if (Ready == 0) return;
			Converter->Read(
				[](void* Self, int16_t* Into, size_t Due)
				{
					Ear& Mine = *static_cast<Ear*>(Self);
					std::copy_n(Mine.Input.begin() + ptrdiff_t(Mine.InputFirst), Due, Into);
					Mine.InputFirst += Due;
				},
				this, Block.data() + Filled, Ready);
			Filled += Ready;
			if (Filled < Frame) continue;
			Filled = 0;
			Pass();
		}
	}

	void Ear::Lost(size_t Samples)
	{
		if (!Converter) return;
		Filled = 0;
		Kept = 0; // a pre-roll with a hole in it would be heard as one sound
		NowPts += int64_t(Samples) * Rate / DeviceRate;
	}

	void Ear::Pass()
	{
		double Power = 0;
		bool Zero = true;
		for (size_t Index = 0; Index < Frame; Index++)
		{
			const int16_t Sample = Coded16(Block[Index]);
			Coded[2 * Index] = uint8_t(Sample);
			Coded[2 * Index + 1] = uint8_t(uint16_t(Sample) >> 8);
			Power += double(Sample) * Sample;
			Zero &= Sample == 0;
		}
		ZeroCount = Zero ? ZeroCount + int64_t(Frame) : 0;
		Loudness = float(std::min(1.0, std::sqrt(Power / double(Frame)) / 8192));
		if (IsTalking || NowMode == ListenMode::Open) Sink.OnMic(NowPts, Coded.data(), Coded.size());
		else if (NowMode == ListenMode::PushToTalk) Store();
		NowPts += int64_t(Frame);
		if (Tail >= 0 && NowPts >= Tail) Release();
	}

	void Ear::Store()
	{
		std::copy(Coded.begin(), Coded.end(), Ring.begin() + ptrdiff_t(size_t(NowPts / int64_t(Frame)) % PreRoll * 2 * Frame));
		Kept = std::min(PreRoll, Kept + 1);
	}

	void Ear::SendKept()
	{
		for (; Kept > 0; Kept--)
		{
			const int64_t Pts = NowPts - int64_t(Kept * Frame);
			Sink.OnMic(Pts, &Ring[size_t(Pts / int64_t(Frame)) % PreRoll * 2 * Frame], 2 * Frame);
		}
	}

	void Ear::EndWithSilence()
	{
		Coded.fill(0);
		for (int Index = 0; Index < Rest; Index++)
		{
			Sink.OnMic(NowPts, Coded.data(), Coded.size());
			NowPts += int64_t(Frame);
		}
	}
}
