// The companion's face as a Live Link subject.
#pragma once

#include "Components/ActorComponent.h"
#include "CoreMinimal.h"

#include "CompanionLiveLinkComponent.generated.h"

class FCompanionLiveLinkSource;

/** Shows a conversation to Live Link: its curves under the names that the ARKit face app uses, for rigs that listen to that. */
UCLASS(ClassGroup = (Companion), meta = (BlueprintSpawnableComponent))
class COMPANIONLIVELINK_API UCompanionLiveLinkComponent : public UActorComponent
{
	GENERATED_BODY()

public:
	UCompanionLiveLinkComponent();

	UPROPERTY(EditAnywhere, BlueprintReadOnly, Category = "Companion")
	FName Conversation = TEXT("main");

	UPROPERTY(EditAnywhere, BlueprintReadOnly, Category = "Companion")
	FName Subject = TEXT("Companion");

	virtual void TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction) override;

protected:
	virtual void BeginPlay() override;
	virtual void EndPlay(const EEndPlayReason::Type EndPlayReason) override;

private:
	TSharedPtr<FCompanionLiveLinkSource> Source;
};
