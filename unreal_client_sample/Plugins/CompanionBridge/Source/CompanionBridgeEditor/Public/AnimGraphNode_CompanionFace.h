// The graph's node for the companion's face.
#pragma once

#include "AnimGraphNode_Base.h"
#include "AnimNode_CompanionFace.h"
#include "CoreMinimal.h"

#include "AnimGraphNode_CompanionFace.generated.h"

UCLASS()
class UAnimGraphNode_CompanionFace : public UAnimGraphNode_Base
{
	GENERATED_BODY()

public:
	UPROPERTY(EditAnywhere, Category = "Settings")
	FAnimNode_CompanionFace Node;

	virtual FText GetNodeTitle(ENodeTitleType::Type TitleType) const override;
	virtual FText GetTooltipText() const override;
	virtual FString GetNodeCategory() const override;
};
