// The conversation as an actor has it.
#pragma once

#include "CompanionTypes.h"
#include "Components/ActorComponent.h"
#include "CoreMinimal.h"

#include "CompanionClientComponent.generated.h"

class FCompanionConversation;
namespace Companion
{
	struct Heard;
	struct MemoryAnswer;
	struct RoomState;
	struct Welcome;
}

DECLARE_DYNAMIC_MULTICAST_DELEGATE_ThreeParams(FCompanionStatusEvent, ECompanionStatus, Status, const FString&, Code, const FString&, Message);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FCompanionStateEvent, ECompanionState, State);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_ThreeParams(FCompanionWordEvent, const FString&, Gap, const FString&, Word, const FString&, Line);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(FCompanionCueEvent, const FString&, Name, float, Intensity);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(FCompanionTranscriptEvent, const FString&, Text, bool, bFinal);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FCompanionTurnEvent, bool, bCut);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_ThreeParams(FCompanionToolEvent, int64, Call, const FString&, Name, const FString&, Arguments);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(FCompanionErrorEvent, const FString&, Code, const FString&, Message);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_ThreeParams(FCompanionWelcomeEvent, const FString&, Name, const FString&, Disclosure, const FString&, Notice);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FCompanionMemoryEvent, const FCompanionMemory&, Answer);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FCompanionRoomEvent, const FCompanionRoom&, Room);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_ThreeParams(FCompanionSaidEvent, const FString&, By, const FString&, Text, bool, bPrivate);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FCompanionFloorEvent, const FString&, Name);
DECLARE_DYNAMIC_DELEGATE_OneParam(FCompanionTokenRequest, int32, Ticket);

/** A companion to talk with. Several components may name one conversation, also in different levels. */
UCLASS(ClassGroup = (Companion), meta = (BlueprintSpawnableComponent))
class COMPANIONBRIDGE_API UCompanionClientComponent : public UActorComponent
{
	GENERATED_BODY()

public:
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	FCompanionSettings Settings;

	/** Which conversation of the game this is. */
	UPROPERTY(EditAnywhere, BlueprintReadOnly, Category = "Companion")
	FName Conversation = TEXT("main");

	/** Connect when play begins; off: when the game calls Connect. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	bool bConnectOnBeginPlay = true;

	/** End the conversation with this component; off: it goes on over the change of a level. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	bool bEndWithComponent = false;

	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	ECompanionListen Listening = ECompanionListen::PushToTalk;

	/** Asked for a token before each connection; answer with Give Token, now or later. */
	UPROPERTY(BlueprintReadWrite, Category = "Companion")
	FCompanionTokenRequest TokenSource;

	UPROPERTY(BlueprintAssignable, Category = "Companion")
	FCompanionStatusEvent OnStatus;

	/** Who speaks; show Disclosure, which says that this is an AI, for as long as the companion can be seen or heard. */
	UPROPERTY(BlueprintAssignable, Category = "Companion")
	FCompanionWelcomeEvent OnWelcome;

	UPROPERTY(BlueprintAssignable, Category = "Companion")
	FCompanionStateEvent OnState;

	/** A word is heard; Line is the subtitle with it. */
	UPROPERTY(BlueprintAssignable, Category = "Companion")
	FCompanionWordEvent OnWord;

	UPROPERTY(BlueprintAssignable, Category = "Companion")
	FCompanionCueEvent OnEmotion;

	UPROPERTY(BlueprintAssignable, Category = "Companion")
	FCompanionCueEvent OnGesture;

	UPROPERTY(BlueprintAssignable, Category = "Companion")
	FCompanionTranscriptEvent OnTranscript;

	/** A reply has been heard to its end, or was cut. */
	UPROPERTY(BlueprintAssignable, Category = "Companion")
	FCompanionTurnEvent OnTurnEnded;

	/** Run the tool and call Answer Tool. */
	UPROPERTY(BlueprintAssignable, Category = "Companion")
	FCompanionToolEvent OnTool;

	UPROPERTY(BlueprintAssignable, Category = "Companion")
	FCompanionErrorEvent OnError;

	/** The answer to what was asked about the memory of the user. */
	UPROPERTY(BlueprintAssignable, Category = "Companion")
	FCompanionMemoryEvent OnMemory;

	/** In a room: how it is now. */
	UPROPERTY(BlueprintAssignable, Category = "Companion")
	FCompanionRoomEvent OnRoom;

	/** In a room: what somebody else has said. */
	UPROPERTY(BlueprintAssignable, Category = "Companion")
	FCompanionSaidEvent OnOtherSaid;

	/** In a room: the companion that begins to be heard, by name; nothing: nobody is heard any more. */
	UPROPERTY(BlueprintAssignable, Category = "Companion")
	FCompanionFloorEvent OnFloor;

	/** Begin the conversation with the settings as they are now. */
	UFUNCTION(BlueprintCallable, Category = "Companion")
	void Connect();

	/** End the conversation for good. */
	UFUNCTION(BlueprintCallable, Category = "Companion")
	void Disconnect();

	UFUNCTION(BlueprintCallable, Category = "Companion")
	void GiveToken(int32 Ticket, const FString& Token);

	/** Typed words; what is being said stops at once. False when they are empty or too long. */
	UFUNCTION(BlueprintCallable, Category = "Companion")
	bool Say(const FString& Text);

	UFUNCTION(BlueprintCallable, Category = "Companion")
	bool StopTalking();

	UFUNCTION(BlueprintCallable, Category = "Companion")
	void PressTalk(bool bDown);

	UFUNCTION(BlueprintCallable, Category = "Companion")
	void SetListening(ECompanionListen Mode);

	/** A fact of the scene that holds from now on; empty: no more. */
	UFUNCTION(BlueprintCallable, Category = "Companion")
	bool SetState(const FString& Key, const FString& Value);

	/** Something happened, told from outside: "Ada opens the chest." */
	UFUNCTION(BlueprintCallable, Category = "Companion")
	void Happened(const FString& Sentence, ECompanionRespond Respond);

	/** Offer a tool; Schema is the JSON Schema of its arguments. What is wrong with it, or nothing. */
	UFUNCTION(BlueprintCallable, Category = "Companion")
	FString AddTool(const FString& Name, const FString& Description, const FString& Schema);

	UFUNCTION(BlueprintCallable, Category = "Companion")
	bool AnswerTool(int64 Call, ECompanionToolStatus Status, const FString& Value);

	/** Whether the server can remember users, and answers what is asked about it. */
	UFUNCTION(BlueprintPure, Category = "Companion")
	bool HasMemory() const;

	/** Ask about the memory of the user; On Memory follows. Agree and Refuse also count for the conversations that follow. */
	UFUNCTION(BlueprintCallable, Category = "Companion")
	bool AskMemory(ECompanionMemoryOp Op);

	/** Have up to 64 facts deleted for good. */
	UFUNCTION(BlueprintCallable, Category = "Companion")
	bool ForgetFacts(const TArray<int64>& Facts);

	/** Give back what was exported: of this user, this companion and this server alone. */
	UFUNCTION(BlueprintCallable, Category = "Companion")
	bool ImportMemory(const TArray<uint8>& Blob);

	/** Do something in the room beside speaking; On Room follows. Give names whom. */
	UFUNCTION(BlueprintCallable, Category = "Companion")
	bool DoInRoom(ECompanionRoomOp Op, const FString& Whom);

	/** Ask in private, in a room: On Other Said follows, and nobody else is told. */
	UFUNCTION(BlueprintCallable, Category = "Companion")
	bool AskPrivately(const FString& Text);

	UFUNCTION(BlueprintPure, Category = "Companion")
	FString Subtitle() const;

	TSharedPtr<FCompanionConversation> Shared() const { return Held; }

protected:
	virtual void BeginPlay() override;
	virtual void EndPlay(const EEndPlayReason::Type EndPlayReason) override;

private:
	void Bind();
	void Heard(const Companion::Heard& Given);
	void Remembered(const Companion::MemoryAnswer& Given);
	void Gathered(const Companion::RoomState& Given);
	void Floors(const FString& Key);

	TSharedPtr<FCompanionConversation> Held;
	TArray<FString> RoomKeys, RoomNames; // of the companions of a room
};
