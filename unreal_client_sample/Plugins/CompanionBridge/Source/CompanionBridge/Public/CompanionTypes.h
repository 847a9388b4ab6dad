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
