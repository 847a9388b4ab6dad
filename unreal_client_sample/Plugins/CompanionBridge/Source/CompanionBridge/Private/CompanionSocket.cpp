#include "CompanionSocket.h"

#include "CompanionText.h"
#include "WebSocketsModule.h"

FCompanionSocket::~FCompanionSocket() { Abort(); }

void FCompanionSocket::Open(const std::string& Url, const char* Subprotocol, Companion::ITransportEvents& Given)
{
	Events = &Given;
	Socket = FWebSocketsModule::Get().CreateWebSocket(FromUtf8(Url), FString(Subprotocol), TMap<FString, FString>());
	Connected = Socket->OnConnected().AddLambda([this]() { if (Events) Events->OnOpened(*this); });
	Failed = Socket->OnConnectionError().AddLambda([this](const FString&) { Ended(1006, FString()); });
	Closed = Socket->OnClosed().AddLambda([this](int32 Code, const FString& Reason, bool) { Ended(Code, Reason); });
	Binary = Socket->OnBinaryMessage().AddLambda([this](const void* Data, SIZE_T Size, bool bIsLastFragment) { Received(Data, Size, bIsLastFragment); });
	Socket->Connect();
}

// A message may come in fragments; the session takes whole ones.
void FCompanionSocket::Received(const void* Data, SIZE_T Size, bool bIsLastFragment)
{
	if (!Events) return;
	if (Size > static_cast<SIZE_T>(MostBytes - Message.Num()))
	{
		Companion::ITransportEvents* const Told = Events;
		Abort();
		Told->OnClosed(*this, 1009, "a message is too large");
		return;
	}
	Message.Append(static_cast<const uint8*>(Data), static_cast<int32>(Size));
	if (!bIsLastFragment) return;
	const TArray<uint8> Whole = MoveTemp(Message);
	Message.Reset();
	Events->OnReceived(*this, Whole.GetData(), static_cast<size_t>(Whole.Num()));
}

void FCompanionSocket::Ended(int32 Code, const FString& Reason)
{
	if (!Events) return;
	Companion::ITransportEvents* const Told = Events;
	Events = nullptr;
	const std::string Why = ToUtf8(Reason);
	Told->OnClosed(*this, Code, Why);
}

bool FCompanionSocket::Send(const uint8_t* Data, size_t Size)
{
	if (!Socket.IsValid() || !Socket->IsConnected()) return false;
	Socket->Send(Data, static_cast<SIZE_T>(Size), true);
	return true;
}

void FCompanionSocket::Close()
{
	Events = nullptr;
	if (Socket.IsValid()) Socket->Close(1000, TEXT("bye"));
}

void FCompanionSocket::Abort()
{
	Events = nullptr;
	Unbind();
	if (Socket.IsValid()) Socket->Close();
	Socket.Reset();
}

// The engine's socket may outlive this for a while, and must not call what is gone.
void FCompanionSocket::Unbind()
{
	if (!Socket.IsValid()) return;
	Socket->OnConnected().Remove(Connected);
	Socket->OnConnectionError().Remove(Failed);
	Socket->OnClosed().Remove(Closed);
	Socket->OnBinaryMessage().Remove(Binary);
}
