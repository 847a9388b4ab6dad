// The conversations of a game: they outlive levels.
#pragma once

#include "CompanionTypes.h"
#include "CoreMinimal.h"
#include "Subsystems/GameInstanceSubsystem.h"
#include "Tickable.h"

THIRD_PARTY_INCLUDES_START
#include "Companion/Conversation.h"
THIRD_PARTY_INCLUDES_END

#include "CompanionSubsystem.generated.h"

class FCompanionMicrophone;

/** A conversation with its microphone, shared by the components of all levels that name it. */
class COMPANIONBRIDGE_API FCompanionConversation : public Companion::IConversationEvents
{
public:
	FCompanionConversation();
	virtual ~FCompanionConversation() override;

	/** Seconds of the one clock that the sound output and the game share. */
	static double Now();

	void Connect(const FCompanionSettings& Settings, TFunction<void(uint32)> FreshToken);
	void SetListening(ECompanionListen Mode);
	void Step();

	Companion::Conversation Talk;

	DECLARE_MULTICAST_DELEGATE_ThreeParams(FStatus, ECompanionStatus, const FString& /*Code*/, const FString& /*Message*/);
	DECLARE_MULTICAST_DELEGATE_OneParam(FState, ECompanionState);
	DECLARE_MULTICAST_DELEGATE_OneParam(FWelcome, const Companion::Welcome&);
	DECLARE_MULTICAST_DELEGATE_TwoParams(FTranscript, const FString&, bool /*bFinal*/);
	DECLARE_MULTICAST_DELEGATE_OneParam(FHeard, const Companion::Heard&);
	DECLARE_MULTICAST_DELEGATE_ThreeParams(FTool, int64, const FString& /*Name*/, const FString& /*Arguments*/);
	DECLARE_MULTICAST_DELEGATE_TwoParams(FError, const FString& /*Code*/, const FString& /*Message*/);
	FStatus StatusChanged;
	FState StateChanged;
	FWelcome Welcomed;
	FTranscript Transcribed;
	FHeard HeardNow;
	FTool ToolCalled;
	DECLARE_MULTICAST_DELEGATE_OneParam(FMemory, const Companion::MemoryAnswer&);
	FError Failed;
	FMemory MemoryTold;
	DECLARE_MULTICAST_DELEGATE_OneParam(FRoom, const Companion::RoomState&);
	FRoom RoomTold;
	DECLARE_MULTICAST_DELEGATE_OneParam(FSaid, const Companion::Said&);
	DECLARE_MULTICAST_DELEGATE_OneParam(FFloor, const FString&);
	FSaid OtherSaid;
	FFloor FloorChanged;

	/** The face as it is now; as many as Names. */
	const TArray<FName>& Names() const { return FaceNames; }
	const TArray<float>& Weights() const { return FaceWeights; }

private:
	virtual void OnStatus(Companion::Status Given, const Companion::Fault& Why) override;
	virtual void OnWelcome(const Companion::Welcome& Given) override;
	virtual void OnState(Companion::State Given) override;
	virtual void OnTranscript(const Companion::Transcript& Given) override;
	virtual void OnHeard(const Companion::Heard& Given) override;
	virtual void OnTool(int64_t Call, const std::string& Name, const Companion::Value& Arguments) override;
	virtual void OnMemory(const Companion::MemoryAnswer& Given) override;
	virtual void OnRoom(const Companion::RoomState& Given) override;
	virtual void OnSaid(const Companion::Said& Given) override;
	virtual void OnFloor(const std::string& Given) override;
	virtual void OnError(const Companion::ServerError& Given) override;

	TUniquePtr<FCompanionMicrophone> Microphone;
	TArray<FName> FaceNames;
	TArray<float> FaceWeights;
};

UCLASS()
class COMPANIONBRIDGE_API UCompanionSubsystem : public UGameInstanceSubsystem, public FTickableGameObject
{
	GENERATED_BODY()

public:
	virtual void Deinitialize() override;
	virtual void Tick(float DeltaTime) override;
	virtual TStatId GetStatId() const override;
	/** Also while the game is paused: the connection lives on. */
	virtual bool IsTickableWhenPaused() const override { return true; }

	/** The conversation of this name, made if there is none. */
	TSharedRef<FCompanionConversation> Find(FName Name);
	/** End one for good, as when the player leaves the companion. */
	void Forget(FName Name);

private:
	TMap<FName, TSharedRef<FCompanionConversation>> Conversations;
};
