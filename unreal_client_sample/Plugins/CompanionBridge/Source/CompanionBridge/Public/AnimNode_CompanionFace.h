// The companion's face in an animation graph.
#pragma once

#include "Animation/AnimNodeBase.h"
#include "CoreMinimal.h"

#include "AnimNode_CompanionFace.generated.h"

/** Writes the 52 ARKit curves and the head's angles. Put it before mh_arkit_mapping_pose of a MetaHuman. */
USTRUCT(BlueprintInternalUseOnly)
struct COMPANIONBRIDGE_API FAnimNode_CompanionFace : public FAnimNode_Base
{
	GENERATED_BODY()

	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Links")
	FPoseLink SourcePose;

	/** Which conversation of the game is shown. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion", meta = (PinHiddenByDefault))
	FName Conversation = TEXT("main");

	/** Close the lips by the jaw where a rig's MouthClose does not: the jaw opens less, MouthClose stays 0. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion", meta = (PinHiddenByDefault))
	bool bSealByJaw = false;

	/** How strongly the face is written. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion", meta = (PinShownByDefault))
	float Alpha = 1;

	virtual void Initialize_AnyThread(const FAnimationInitializeContext& Context) override;
	virtual void CacheBones_AnyThread(const FAnimationCacheBonesContext& Context) override;
	virtual void Update_AnyThread(const FAnimationUpdateContext& Context) override;
	virtual void Evaluate_AnyThread(FPoseContext& Output) override;
	virtual void GatherDebugData(FNodeDebugData& DebugData) override;
	virtual bool HasPreUpdate() const override { return true; }
	/** On the game thread: copies the face, so that a worker may write it. */
	virtual void PreUpdate(const UAnimInstance* InAnimInstance) override;

private:
	TArray<FName> Names;
	TArray<float> Weights;
};
