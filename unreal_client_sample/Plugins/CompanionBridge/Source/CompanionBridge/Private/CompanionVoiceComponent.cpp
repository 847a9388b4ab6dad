#include "CompanionVoiceComponent.h"

#include "CompanionSubsystem.h"
#include "Components/AudioComponent.h"
#include "Engine/GameInstance.h"
#include "Engine/World.h"
#include "Sound/SoundGenerator.h"

namespace
{
	/** Gives the mixer its samples, on the mixer's thread; holds the conversation for as long as the mixer may ask. */
	class FCompanionGenerator final : public ISoundGenerator
	{
	public:
		explicit FCompanionGenerator(TSharedRef<FCompanionConversation> Given) : Held(MoveTemp(Given)) {}

		virtual int32 OnGenerateAudio(float* OutAudio, int32 NumSamples) override
		{
			Held->Talk.Fill(OutAudio, static_cast<size_t>(NumSamples), FCompanionConversation::Now());
			return NumSamples;
		}

	private:
		const TSharedRef<FCompanionConversation> Held;
	};

	TSharedPtr<FCompanionConversation> Find(const UWorld* World, FName Name)
	{
		UGameInstance* const Game = World ? World->GetGameInstance() : nullptr;
		UCompanionSubsystem* const All = Game ? Game->GetSubsystem<UCompanionSubsystem>() : nullptr;
		if (!All) return nullptr;
		return All->Find(Name);
	}
}

UCompanionVoiceComponent::UCompanionVoiceComponent(const FObjectInitializer& ObjectInitializer) : Super(ObjectInitializer) { NumChannels = 1; }

bool UCompanionVoiceComponent::Init(int32& SampleRate)
{
	NumChannels = 1;
	return true;
}

void UCompanionVoiceComponent::BeginPlay()
{
	Super::BeginPlay();
	Start();
	// A voice that is out of earshot must go on being asked for samples: they are the clock.
	UAudioComponent* const Component = GetAudioComponent();
	if (Component && Component->Sound) Component->Sound->VirtualizationMode = EVirtualizationMode::PlayWhenSilent;
}

ISoundGeneratorPtr UCompanionVoiceComponent::CreateSoundGenerator(const FSoundGeneratorInitParams& InParams)
{
	const TSharedPtr<FCompanionConversation> Found = Find(GetWorld(), Conversation);
	if (!Found.IsValid()) return nullptr;
	Companion::Voice& Voice = Found->Talk.Sound();
	Voice.SetOutputRate(static_cast<int>(InParams.SampleRate));
	Voice.SetLatency(OutputLatencyMs / 1000.0);
	Voice.Restart();
	return ISoundGeneratorPtr(new FCompanionGenerator(Found.ToSharedRef()));
}
