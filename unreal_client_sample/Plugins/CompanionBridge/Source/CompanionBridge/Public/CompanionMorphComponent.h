// The companion's face on meshes without an animation graph.
#pragma once

#include "Components/ActorComponent.h"
#include "CoreMinimal.h"

#include "CompanionMorphComponent.generated.h"

class USkeletalMeshComponent;

/** Sets the morph targets of all skeletal meshes of its actor by name, also of those that come later. */
UCLASS(ClassGroup = (Companion), meta = (BlueprintSpawnableComponent))
class COMPANIONBRIDGE_API UCompanionMorphComponent : public UActorComponent
{
	GENERATED_BODY()

public:
	UCompanionMorphComponent();

	UPROPERTY(EditAnywhere, BlueprintReadOnly, Category = "Companion")
	FName Conversation = TEXT("main");

	/** What a channel is called on these meshes, where it is called otherwise. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	TMap<FName, FName> Renamed;

	virtual void TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction) override;
};
