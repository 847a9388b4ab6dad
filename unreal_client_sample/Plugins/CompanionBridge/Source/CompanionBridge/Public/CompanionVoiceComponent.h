// The companion's voice in the world.
#pragma once

#include "Components/SynthComponent.h"
#include "CoreMinimal.h"

#include "CompanionVoiceComponent.generated.h"

/** Plays a conversation's voice where it stands; the samples that it gives are the clock of the face. */
UCLASS(ClassGroup = (Companion), meta = (BlueprintSpawnableComponent))
class COMPANIONBRIDGE_API UCompanionVoiceComponent : public USynthComponent
{
	GENERATED_BODY()

public:
	UCompanionVoiceComponent(const FObjectInitializer& ObjectInitializer);

	/** Which conversation of the game is heard here; one voice for each. */
	UPROPERTY(EditAnywhere, BlueprintReadOnly, Category = "Companion")
	FName Conversation = TEXT("main");

	/** From the mixer to the ear, ms: more with Bluetooth. The face waits for so long. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion", meta = (ClampMin = 0, ClampMax = 500))
	float OutputLatencyMs = 20;

protected:
	virtual bool Init(int32& SampleRate) override;
	virtual void BeginPlay() override;
	virtual ISoundGeneratorPtr CreateSoundGenerator(const FSoundGeneratorInitParams& InParams) override;
};
