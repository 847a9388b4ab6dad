// The user's microphone.
#pragma once

#include "AudioCaptureCore.h"
#include "CoreMinimal.h"

THIRD_PARTY_INCLUDES_START
#include "Companion/Rings.h"
THIRD_PARTY_INCLUDES_END

namespace Companion
{
	class Ear;
}

/** Opens the default microphone, mixes to mono on the capture's thread, and feeds the ear on the game thread. */
class FCompanionMicrophone
{
public:
	~FCompanionMicrophone() { Stop(); }
	void Start();
	void Stop();
	/** Hands on what came since the last call; opens the device again when it died, at most every two seconds. */
	void Feed(Companion::Ear& Ear, double Now);
	bool IsRunning() const { return Running; }

private:
	bool Open();

	static constexpr size_t Held = 1 << 16; // samples, more than a second at any rate
	static constexpr double Patience = 2; // s without a sample, and between attempts

	Audio::FAudioCapture Capture;
	Companion::SpscRing<float> Samples{Held};
	std::atomic<int> Rate{0}, Lost{0};
	bool Running = false, Wanted = false;
	double HeardAt = 0, TriedAt = -1e9;
};
