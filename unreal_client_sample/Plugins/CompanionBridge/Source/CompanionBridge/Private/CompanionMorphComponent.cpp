#include "CompanionMorphComponent.h"

#include "CompanionSubsystem.h"
#include "Components/SkeletalMeshComponent.h"
#include "Engine/GameInstance.h"
#include "Engine/World.h"
#include "GameFramework/Actor.h"

UCompanionMorphComponent::UCompanionMorphComponent()
{
	PrimaryComponentTick.bCanEverTick = true;
	// After the animation of the frame, which would write its own curves over these.
	PrimaryComponentTick.TickGroup = TG_PostPhysics;
}

void UCompanionMorphComponent::TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction)
{
	Super::TickComponent(DeltaTime, TickType, ThisTickFunction);
	UGameInstance* const Game = GetWorld() ? GetWorld()->GetGameInstance() : nullptr;
	UCompanionSubsystem* const All = Game ? Game->GetSubsystem<UCompanionSubsystem>() : nullptr;
	if (!All || !GetOwner()) return;
	const TSharedRef<FCompanionConversation> Shown = All->Find(Conversation);
	TArray<USkeletalMeshComponent*> Meshes;
	GetOwner()->GetComponents(Meshes);
	for (int32 Index = 0; Index < Shown->Names().Num() && Index < Shown->Weights().Num(); Index++)
	{
		const FName Name = Shown->Names()[Index];
		const FName* const Other = Renamed.Find(Name);
		for (USkeletalMeshComponent* Mesh : Meshes) Mesh->SetMorphTarget(Other ? *Other : Name, Shown->Weights()[Index], false);
	}
}
