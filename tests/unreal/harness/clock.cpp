// The clock of the sound output against sound cards that are only reckoned: a line for each, with the largest distance in ms
// from what the mixer really plays (dropouts left out), and the seconds after the last dropout until it is below 5 ms for good.
#include "Companion/Voice.h"

#include <cmath>
#include <cstdio>
#include <random>

using namespace Companion;

namespace
{
	struct Card
	{
		const char* Name;
		double Block; // samples at 48 kHz
		int Burst; // blocks that are asked for in one go
		double Skew; // of the card's clock
		double Jitter; // s that a callback may come late
		double Dropout; // s that the mixer stands still, twice
	};

	constexpr Card Cards[] = {
		{"256", 256, 1, 0, 0.002, 0}, {"512", 512, 1, 0, 0.004, 0}, {"1024", 1024, 1, 0, 0.004, 0},
		{"1024 fast", 1024, 1, 80e-6, 0.004, 0}, {"1024 slow", 1024, 1, -80e-6, 0.004, 0}, {"512 in bursts of four", 512, 4, 80e-6, 0.004, 0},
		{"512, out for 30 ms", 512, 1, 80e-6, 0.004, 0.03}, {"1024, out for 60 ms", 1024, 1, -80e-6, 0.004, 0.06}, {"512, out for 90 ms", 512, 1, 80e-6, 0.004, 0.09},
	};

	void Try(const Card& Each)
	{
		std::mt19937 Random(7);
		std::uniform_real_distribution<double> Late(0, Each.Jitter);
		PlayoutClock Clock;
		const double Length = Each.Block / 48000;
		double Stood = 0, Worst = 0, Wrong = -1, Last = -1;
		double Frame = 1;
		int64_t Blocks = 0;
		double Before = 0; // when the last callback was
		for (double Due = 0; Due < 60; Blocks += Each.Burst)
		{
			if (Each.Dropout > 0 && (Blocks == 900 || Blocks == 1500))
			{
				Stood += Each.Dropout;
				Last = double(Blocks) * Length;
			}
			// The mixer's true moment of the next block, and when its callback runs.
			Due = double(Blocks) * Length / (1 + Each.Skew) + Stood;
			Before = std::max(Before, Due + Late(Random));
			// Frames of the game before this callback ask where the sound is.
			for (; Frame < Before; Frame += 1.0 / 72)
			{
				const double True = (Frame - Stood) * (1 + Each.Skew);
				const double Off = 1000 * std::fabs(Clock.At(Frame) - True);
				const bool Settling = Last >= 0 && Frame - Last < 3;
				if (Settling && Off > 5) Wrong = Frame - Last;
				if (!Settling) Worst = std::max(Worst, Off);
			}
			for (int Index = 0; Index < Each.Burst; Index++) Clock.OnBlock(Before + 0.0001 * Index, double(Blocks + Index) * Length, Length);
		}
		std::printf("%s %.3f %.3f\n", Each.Name, Worst, std::max(0.0, Wrong));
	}
}

int main()
{
	for (const Card& Each : Cards) Try(Each);
	return 0;
}
