#include "AnimNode_CompanionFace.h"

#include "Animation/AnimInstance.h"
#include "Animation/AnimInstanceProxy.h"
#include "CompanionSubsystem.h"
#include "Engine/GameInstance.h"
#include "Engine/World.h"

void FAnimNode_CompanionFace::Initialize_AnyThread(const FAnimationInitializeContext& Context)
{
	FAnimNode_Base::Initialize_AnyThread(Context);
	SourcePose.Initialize(Context);
}

void FAnimNode_CompanionFace::CacheBones_AnyThread(const FAnimationCacheBonesContext& Context) { SourcePose.CacheBones(Context); }

void FAnimNode_CompanionFace::Update_AnyThread(const FAnimationUpdateContext& Context)
{
	GetEvaluateGraphExposedInputs().Execute(Context);
	SourcePose.Update(Context);
}

void FAnimNode_CompanionFace::PreUpdate(const UAnimInstance* InAnimInstance)
{
	const UWorld* const World = InAnimInstance ? InAnimInstance->GetWorld() : nullptr;
	UGameInstance* const Game = World ? World->GetGameInstance() : nullptr;
	UCompanionSubsystem* const All = Game ? Game->GetSubsystem<UCompanionSubsystem>() : nullptr;
	if (!All)
	{
		Names.Reset(); // an editor's preview has no game
		return;
	}
	const TSharedRef<FCompanionConversation> Shown = All->Find(Conversation);
	if (Names != Shown->Names()) Names = Shown->Names();
	Weights = Shown->Weights();
	if (!bSealByJaw) return;
	const int32 Jaw = Names.Find(TEXT("jawOpen")), Close = Names.Find(TEXT("mouthClose"));
	if (Jaw == INDEX_NONE || Close == INDEX_NONE) return;
	Weights[Jaw] = FMath::Max(0.0f, Weights[Jaw] - Weights[Close]);
	Weights[Close] = 0;
}

void FAnimNode_CompanionFace::Evaluate_AnyThread(FPoseContext& Output)
{
	SourcePose.Evaluate(Output);
	const float Strength = FMath::Clamp(Alpha, 0.0f, 1.0f);
	for (int32 Index = 0; Index < Names.Num() && Index < Weights.Num(); Index++)
	{
		const float Before = Output.Curve.Get(Names[Index]);
		Output.Curve.Set(Names[Index], FMath::Lerp(Before, Weights[Index], Strength));
	}
}

void FAnimNode_CompanionFace::GatherDebugData(FNodeDebugData& DebugData)
{
	DebugData.AddDebugItem(FString::Printf(TEXT("Companion %s: %d curves"), *Conversation.ToString(), Names.Num()));
	SourcePose.GatherDebugData(DebugData);
}
