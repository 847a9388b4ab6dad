// What Blueprints see of a conversation.
#pragma once

#include "CoreMinimal.h"
#include "CompanionTypes.generated.h"

UENUM(BlueprintType)
enum class ECompanionStatus : uint8
{
	Idle,
	Connecting,
	Open,
	/** The connection was lost and is being mended; the conversation goes on. */
	Lost,
	/** It ended for a reason that passes; a new one is tried after a while. */
	Waiting,
	Over
};

UENUM(BlueprintType)
enum class ECompanionState : uint8
{
	Idle,
	Listening,
	Thinking,
	Speaking,
	/** The user speaks while the companion does. */
	Overlap
};

UENUM(BlueprintType)
enum class ECompanionListen : uint8
{
	Off,
	/** While a key is held: the safe choice without echo cancellation. */
	PushToTalk,
	Open
};

UENUM(BlueprintType)
enum class ECompanionRespond : uint8
{
	Silent,
	Auto,
	Must
};

UENUM(BlueprintType)
enum class ECompanionToolStatus : uint8
{
	Ok,
	Failed,
	Cancelled
};

/** Whether the user agrees to be remembered from one conversation to the next. Ask them first, in words. */
UENUM(BlueprintType)
enum class ECompanionConsent : uint8
{
	/** As they last said; no where nobody was asked. */
	AsBefore,
	Agreed,
	Refused
};

/** What is asked about the memory of the user. */
UENUM(BlueprintType)
enum class ECompanionMemoryOp : uint8
{
	/** The user agrees to be remembered. */
	Agree,
	/** No longer; nothing is deleted by that. */
	Refuse,
	/** What is remembered? */
	Tell,
	/** Delete some facts for good: Forget Facts. */
	Forget,
	/** Delete everything for good. */
	Erase,
	/** A blob for the game's own save. */
	Export,
	/** Take it back: Import Memory. */
	Import
};

/** Something that is remembered of the user, as a sentence to them. */
USTRUCT(BlueprintType)
struct FCompanionFact
{
	GENERATED_BODY()

	/** For Forget Facts. */
	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	int64 Id = 0;

	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	FString Kind;

	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	FString Text;

	/** When it was said last, ISO 8601; empty: not known. */
	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	FString Day;
};

/** The answer to what was asked about the memory. */
USTRUCT(BlueprintType)
struct FCompanionMemory
{
	GENERATED_BODY()

	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	ECompanionMemoryOp Op = ECompanionMemoryOp::Tell;

	/** Whether the user is remembered now. */
	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	bool bOn = false;

	/** Of Tell: what is remembered, what matters most first. */
	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	TArray<FCompanionFact> Facts;

	/** Of Tell: what earlier sessions were about, the newest first. */
	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	TArray<FString> Episodes;

	/** Of Forget, Erase and Import: how many facts it was. */
	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	int64 Count = 0;

	/** Of Export: keep it in the game's save, unchanged. */
	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	TArray<uint8> Blob;
};

/** What somebody does in a room beside speaking. */
UENUM(BlueprintType)
enum class ECompanionRoomOp : uint8
{
	/** Raise a hand. */
	Hand,
	/** Take it down. */
	Lower,
	/** A host gives somebody the word. */
	Give,
	/** A host goes on to the next item of the agenda. */
	Next,
	/** Ask for the minutes. */
	Minutes,
	/** A host ends the meeting. */
	End
};

/** By what rules people speak in a room. */
UENUM(BlueprintType)
enum class ECompanionRoomKind : uint8
{
	/** Whoever is called by name answers. */
	Talk,
	/** The companion goes through an agenda, gives the word, keeps the time and writes the minutes. */
	Meeting,
	/** The host is answered aloud, others when they have the word; everybody may ask in private. */
	Class
};

/** One of the cast of a room that is opened. */
USTRUCT(BlueprintType)
struct FCompanionCastMember
{
	GENERATED_BODY()

	/** Who it is, and how it is to sound; empty: as the server has them. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	FString Identity;

	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	FString Voice;
};

/** Something that a meeting is to be about. */
USTRUCT(BlueprintType)
struct FCompanionTopic
{
	GENERATED_BODY()

	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	FString Title;

	/** How long it may take; 0: as long as it takes. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	float Minutes = 0;
};

/** A room as it is now. */
USTRUCT(BlueprintType)
struct FCompanionRoom
{
	GENERATED_BODY()

	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	FString Name;

	/** What you are called there. */
	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	FString You;

	/** The people who are there now, in the order in which they came, and those with a hand up. */
	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	TArray<FString> People;

	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	TArray<FString> Hands;

	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	TArray<FString> Companions;

	/** What a meeting is at, who has the word, and the minutes where they were asked for. */
	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	FString Item;

	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	FString Word;

	UPROPERTY(BlueprintReadOnly, Category = "Companion")
	FString Minutes;
};

/** Where and as whom to connect; read when Connect is called. */
USTRUCT(BlueprintType)
struct FCompanionSettings
{
	GENERATED_BODY()

	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	FString Url = TEXT("ws://127.0.0.1:8765");

	/** The user's name, for the companion to use. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	FString User;

	/** Who the companion is to be, and how to sound; empty: as the server has them. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	FString Identity;

	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	FString Voice;

	/** BCP-47 tag of what the user speaks; empty: the companion's own language. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	FString Language;

	/** An access token, where the server asks for one. Never ship one in a build: bind Token Source instead. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	FString Token;

	/** Told to the server when a conversation begins. Leave it as before until you have asked the user. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	ECompanionConsent Memory = ECompanionConsent::AsBefore;

	/** The room to enter, where others are, too; empty: a conversation of your own. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	FString Room;

	/** Keeps others out: whoever opens the room sets it. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	FString RoomKey;

	/** What the room is where nobody is in it yet: its rules, who is there (nobody: Identity), what a meeting is about. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	ECompanionRoomKind RoomKind = ECompanionRoomKind::Talk;

	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	TArray<FCompanionCastMember> RoomCast;

	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	TArray<FCompanionTopic> RoomAgenda;

	/** The companion says the first word. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	bool bGreet = false;

	/** True only with headphones or working echo cancellation: then the user may talk over a reply. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	bool bEchoCancelled = false;

	/** How far ahead of what is heard the server keeps this client, ms. The socket lives on the game thread: a hitch must not be heard. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion", meta = (ClampMin = 100, ClampMax = 2000))
	int32 LeadMs = 600;

	/** Try again by itself when the server restarts, is full or cannot be reached. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Companion")
	bool bKeepTrying = true;
};
