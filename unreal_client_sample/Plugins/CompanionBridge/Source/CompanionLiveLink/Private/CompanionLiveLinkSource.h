// A source of Live Link whose frames come from a conversation.
#pragma once

#include "CoreMinimal.h"
#include "ILiveLinkSource.h"

class ILiveLinkClient;

class FCompanionLiveLinkSource final : public ILiveLinkSource
{
public:
	explicit FCompanionLiveLinkSource(FName GivenSubject) : Subject(GivenSubject) {}

	virtual void ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid) override;
	virtual bool IsSourceStillValid() const override { return Client != nullptr; }
	virtual bool RequestSourceShutdown() override;
	virtual FText GetSourceType() const override;
	virtual FText GetSourceMachineName() const override;
	virtual FText GetSourceStatus() const override;

	/** Tells the names when they change, and one frame. */
	void Push(const TArray<FName>& Names, const TArray<float>& Weights, double Now);

private:
	const FName Subject;
	ILiveLinkClient* Client = nullptr;
	FGuid Guid;
	TArray<FName> Told;
};
