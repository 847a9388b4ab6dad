#include "CompanionMicrophone.h"

THIRD_PARTY_INCLUDES_START
#include "Companion/Ear.h"
THIRD_PARTY_INCLUDES_END

#if PLATFORM_ANDROID
#include "AndroidPermissionFunctionLibrary.h"
#endif

DEFINE_LOG_CATEGORY_STATIC(LogCompanionMicrophone, Log, All);

void FCompanionMicrophone::Start() { Wanted = true; }

void FCompanionMicrophone::Stop()
{
	Wanted = Running = false;
	if (Capture.IsStreamOpen())
	{
		Capture.StopStream();
		Capture.CloseStream();
	}
}

bool FCompanionMicrophone::Open()
{
#if PLATFORM_ANDROID
	const FString Permission = TEXT("android.permission.RECORD_AUDIO");
	if (!UAndroidPermissionFunctionLibrary::CheckPermission(Permission))
	{
		UAndroidPermissionFunctionLibrary::AcquirePermissions({Permission});
		return false;
	}
#endif
	const Audio::FAudioCaptureDeviceParams Device;
	Rate = 0;
	const bool bOpened = Capture.OpenAudioCaptureStream(
		Device,
		[this](const void* Data, int32 Frames, int32 Channels, int32 SampleRate, double, bool)
		{
			const float* From = static_cast<const float*>(Data);
			if (!From || Frames <= 0 || Channels <= 0) return;
			for (int32 Frame = 0; Frame < Frames; Frame++, From += Channels)
			{
				float Sum = 0;
				for (int32 Channel = 0; Channel < Channels; Channel++) Sum += From[Channel];
				if (!Samples.TryWrite(Sum / static_cast<float>(Channels))) Lost.fetch_add(1);
			}
			Rate = SampleRate;
		},
		512);
	return bOpened && Capture.StartStream();
}

void FCompanionMicrophone::Feed(Companion::Ear& Ear, double Now)
{
	if (!Wanted)
	{
		if (Ear.IsOpen()) Ear.Close();
		return;
	}
	if ((!Running || Now - HeardAt > Patience) && Now - TriedAt > Patience)
	{
		TriedAt = HeardAt = Now;
		if (Capture.IsStreamOpen()) Capture.CloseStream();
		Ear.Close();
		const bool bBefore = Running;
		Running = Open();
		if (!Running && bBefore) UE_LOG(LogCompanionMicrophone, Warning, TEXT("The microphone cannot be opened; it is tried again every two seconds."));
	}
	float Block[1024];
	size_t Count = 0;
	while (Count < UE_ARRAY_COUNT(Block) && Samples.TryRead(Block[Count]))
	{
		Count++;
		if (Count < UE_ARRAY_COUNT(Block)) continue;
		if (!Ear.IsOpen() && Rate > 0) Ear.Open(Rate);
		Ear.Feed(Block, Count);
		Count = 0;
		HeardAt = Now;
	}
	if (Count > 0)
	{
		if (!Ear.IsOpen() && Rate > 0) Ear.Open(Rate);
		Ear.Feed(Block, Count);
		HeardAt = Now;
	}
	// The game stood still for longer than the ring holds: the position goes on, so that the hole is told.
	if (const int Holes = Lost.exchange(0)) Ear.Lost(static_cast<size_t>(Holes));
}
