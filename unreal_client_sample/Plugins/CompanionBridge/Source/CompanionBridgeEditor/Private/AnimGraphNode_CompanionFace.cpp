#include "AnimGraphNode_CompanionFace.h"

#include "Modules/ModuleManager.h"

#define LOCTEXT_NAMESPACE "Companion"

FText UAnimGraphNode_CompanionFace::GetNodeTitle(ENodeTitleType::Type) const { return LOCTEXT("Title", "Companion Face"); }

FText UAnimGraphNode_CompanionFace::GetTooltipText() const { return LOCTEXT("Tip", "Writes the companion's ARKit curves; put it before mh_arkit_mapping_pose."); }

FString UAnimGraphNode_CompanionFace::GetNodeCategory() const { return TEXT("Companion"); }

#undef LOCTEXT_NAMESPACE

IMPLEMENT_MODULE(FDefaultModuleImpl, CompanionBridgeEditor)
