// The core's connection over the engine's WebSockets.
#pragma once

#include "CoreMinimal.h"
#include "IWebSocket.h"

THIRD_PARTY_INCLUDES_START
#include "Companion/Session.h"
THIRD_PARTY_INCLUDES_END

/** Events of the engine's socket come on the game thread, which owns the session. */
class FCompanionSocket final : public Companion::ITransport
{
public:
	virtual ~FCompanionSocket() override;
	virtual void Open(const std::string& Url, const char* Subprotocol, Companion::ITransportEvents& Given) override;
	virtual bool Send(const uint8_t* Data, size_t Size) override;
	virtual void Close() override;
	virtual void Abort() override;

private:
	void Received(const void* Data, SIZE_T Size, bool bIsLastFragment);
	void Ended(int32 Code, const FString& Reason);
	void Unbind();

	/** More than any message of the protocol: what is larger comes from no bridge. */
	static constexpr int32 MostBytes = 1 << 24;

	Companion::ITransportEvents* Events = nullptr;
	TSharedPtr<IWebSocket> Socket;
	FDelegateHandle Connected, Failed, Closed, Binary;
	TArray<uint8> Message;
};
