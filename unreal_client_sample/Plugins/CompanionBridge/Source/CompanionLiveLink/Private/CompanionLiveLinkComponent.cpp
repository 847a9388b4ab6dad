#include "CompanionLiveLinkComponent.h"

#include "CompanionLiveLinkSource.h"
#include "CompanionSubsystem.h"
#include "Engine/GameInstance.h"
#include "Engine/World.h"
#include "Features/IModularFeatures.h"
#include "ILiveLinkClient.h"
#include "Modules/ModuleManager.h"

namespace
{
	ILiveLinkClient* LiveLink()
	{
		IModularFeatures& All = IModularFeatures::Get();
		if (!All.IsModularFeatureAvailable(ILiveLinkClient::ModularFeatureName)) return nullptr;
		return &All.GetModularFeature<ILiveLinkClient>(ILiveLinkClient::ModularFeatureName);
	}
}

UCompanionLiveLinkComponent::UCompanionLiveLinkComponent() { PrimaryComponentTick.bCanEverTick = true; }

void UCompanionLiveLinkComponent::BeginPlay()
{
	Super::BeginPlay();
	ILiveLinkClient* const Client = LiveLink();
	if (!Client) return;
	Source = MakeShared<FCompanionLiveLinkSource>(Subject);
	Client->AddSource(Source);
}

void UCompanionLiveLinkComponent::EndPlay(const EEndPlayReason::Type EndPlayReason)
{
	ILiveLinkClient* const Client = LiveLink();
	if (Client && Source.IsValid()) Client->RemoveSource(Source);
	Source.Reset();
	Super::EndPlay(EndPlayReason);
}

void UCompanionLiveLinkComponent::TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction)
{
	Super::TickComponent(DeltaTime, TickType, ThisTickFunction);
	UGameInstance* const Game = GetWorld() ? GetWorld()->GetGameInstance() : nullptr;
	UCompanionSubsystem* const All = Game ? Game->GetSubsystem<UCompanionSubsystem>() : nullptr;
	if (!All || !Source.IsValid()) return;
	const TSharedRef<FCompanionConversation> Shown = All->Find(Conversation);
	Source->Push(Shown->Names(), Shown->Weights(), FCompanionConversation::Now());
}

IMPLEMENT_MODULE(FDefaultModuleImpl, CompanionLiveLink)
