#include "CompanionLiveLinkSource.h"

#include "ILiveLinkClient.h"
#include "Roles/LiveLinkBasicRole.h"
#include "Roles/LiveLinkBasicTypes.h"

#define LOCTEXT_NAMESPACE "Companion"

void FCompanionLiveLinkSource::ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid)
{
	Client = InClient;
	Guid = InSourceGuid;
}

bool FCompanionLiveLinkSource::RequestSourceShutdown()
{
	Client = nullptr;
	return true;
}

FText FCompanionLiveLinkSource::GetSourceType() const { return LOCTEXT("Type", "Companion Bridge"); }

FText FCompanionLiveLinkSource::GetSourceMachineName() const { return LOCTEXT("Machine", "this game"); }

FText FCompanionLiveLinkSource::GetSourceStatus() const { return Told.Num() > 0 ? LOCTEXT("Live", "live") : LOCTEXT("Waiting", "no conversation yet"); }

void FCompanionLiveLinkSource::Push(const TArray<FName>& Names, const TArray<float>& Weights, double Now)
{
	if (!Client || Names.Num() == 0 || Names.Num() != Weights.Num()) return;
	const FLiveLinkSubjectKey Key(Guid, Subject);
	if (Told != Names)
	{
		Told = Names;
		FLiveLinkStaticDataStruct Static(FLiveLinkBaseStaticData::StaticStruct());
		Static.Cast<FLiveLinkBaseStaticData>()->PropertyNames = Names;
		Client->PushSubjectStaticData_AnyThread(Key, ULiveLinkBasicRole::StaticClass(), MoveTemp(Static));
	}
	FLiveLinkFrameDataStruct Frame(FLiveLinkBaseFrameData::StaticStruct());
	FLiveLinkBaseFrameData& Data = *Frame.Cast<FLiveLinkBaseFrameData>();
	Data.WorldTime = FLiveLinkWorldTime(Now);
	Data.PropertyValues = Weights;
	Client->PushSubjectFrameData_AnyThread(Key, MoveTemp(Frame));
}

#undef LOCTEXT_NAMESPACE
