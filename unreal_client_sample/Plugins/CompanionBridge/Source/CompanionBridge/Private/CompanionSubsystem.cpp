#include "CompanionSubsystem.h"

#include "CompanionMicrophone.h"
#include "CompanionSocket.h"
#include "CompanionText.h"
#include "HAL/PlatformTime.h"

FCompanionConversation::FCompanionConversation()
	: Talk([]() -> std::unique_ptr<Companion::ITransport> { return std::make_unique<FCompanionSocket>(); }, *this, nullptr, &FCompanionConversation::Now), Microphone(MakeUnique<FCompanionMicrophone>())
{
}

FCompanionConversation::~FCompanionConversation()
{
	Microphone->Stop();
	Talk.Close();
}

double FCompanionConversation::Now() { return FPlatformTime::Seconds(); }

void FCompanionConversation::Connect(const FCompanionSettings& Given, TFunction<void(uint32)> FreshToken)
{
	Companion::SessionSettings Settings;
	Settings.Url = ToUtf8(Given.Url);
	Settings.KeepTrying = Given.bKeepTrying;
	Settings.Seed = static_cast<uint32_t>(FPlatformTime::Cycles());
	if (FreshToken) Settings.FreshToken = [FreshToken](uint32_t Ticket) { FreshToken(Ticket); };
	Settings.Hello.Client = "companion-unreal/0.1.0";
	Settings.Hello.User = ToUtf8(Given.User);
	Settings.Hello.Identity = ToUtf8(Given.Identity);
	Settings.Hello.Voice = ToUtf8(Given.Voice);
	Settings.Hello.Language = ToUtf8(Given.Language);
	Settings.Hello.Token = ToUtf8(Given.Token);
	const char* Consents[] = {"", "on", "off"};
	Settings.Hello.Memory = Consents[static_cast<int32>(Given.Memory)];
	Settings.Hello.Room = ToUtf8(Given.Room);
	Settings.Hello.RoomKey = ToUtf8(Given.RoomKey);
	const char* Kinds[] = {"talk", "meeting", "class"};
	Settings.Hello.RoomKind = Kinds[static_cast<int32>(Given.RoomKind)];
	for (const FCompanionCastMember& Each : Given.RoomCast)
	{
		Companion::CastMember Member;
		Member.Identity = ToUtf8(Each.Identity);
		Member.Voice = ToUtf8(Each.Voice);
		Settings.Hello.RoomCast.push_back(Member);
	}
	for (const FCompanionTopic& Each : Given.RoomAgenda) Settings.Hello.RoomAgenda.push_back({ToUtf8(Each.Title), static_cast<double>(Each.Minutes), 0});
	Settings.Hello.Greet = Given.bGreet;
	Settings.Hello.EchoCancelled = Given.bEchoCancelled;
	Settings.Hello.LeadMs = Given.LeadMs;
	Settings.Hello.Features = {"idle_face"};
	Talk.Open(Settings, Now());
}

void FCompanionConversation::SetListening(ECompanionListen Mode)
{
	const Companion::ListenMode Modes[] = {Companion::ListenMode::Off, Companion::ListenMode::PushToTalk, Companion::ListenMode::Open};
	Talk.Hearing().SetMode(Modes[static_cast<int32>(Mode)]);
	// Push-to-talk keeps it open too: the half second before the key is worth having.
	if (Mode == ECompanionListen::Off) Microphone->Stop();
	else Microphone->Start();
}

void FCompanionConversation::Step()
{
	const double At = Now();
	Microphone->Feed(Talk.Hearing(), At);
	Talk.Update(At);
	if (FaceWeights.Num() > 0) Talk.Weights(At, FaceWeights.GetData());
}

void FCompanionConversation::OnStatus(Companion::Status Given, const Companion::Fault& Why)
{
	StatusChanged.Broadcast(static_cast<ECompanionStatus>(Given), FromUtf8(Why.Code), FromUtf8(Why.Message));
}

void FCompanionConversation::OnWelcome(const Companion::Welcome& Given)
{
	FaceNames.Reset();
	for (const std::string& Name : Given.Face.Names) FaceNames.Add(FName(*FromUtf8(Name)));
	FaceWeights.SetNumZeroed(FaceNames.Num());
	Welcomed.Broadcast(Given);
}

void FCompanionConversation::OnState(Companion::State Given) { StateChanged.Broadcast(static_cast<ECompanionState>(Given)); }

void FCompanionConversation::OnTranscript(const Companion::Transcript& Given) { Transcribed.Broadcast(FromUtf8(Given.Text), Given.Final); }

void FCompanionConversation::OnHeard(const Companion::Heard& Given) { HeardNow.Broadcast(Given); }

void FCompanionConversation::OnTool(int64_t Call, const std::string& Name, const Companion::Value& Arguments)
{
	// Nobody there to run it: the companion is told, and does not wait in vain.
	if (!ToolCalled.IsBound()) Talk.AnswerTool(Call, Companion::ToolStatus::Failed, "Nothing in the game runs this tool.");
	else ToolCalled.Broadcast(Call, FromUtf8(Name), FromUtf8(Arguments.Json()));
}

void FCompanionConversation::OnMemory(const Companion::MemoryAnswer& Given) { MemoryTold.Broadcast(Given); }

void FCompanionConversation::OnRoom(const Companion::RoomState& Given) { RoomTold.Broadcast(Given); }

void FCompanionConversation::OnSaid(const Companion::Said& Given) { OtherSaid.Broadcast(Given); }

void FCompanionConversation::OnFloor(const std::string& Given) { FloorChanged.Broadcast(FromUtf8(Given)); }

void FCompanionConversation::OnError(const Companion::ServerError& Given) { Failed.Broadcast(FromUtf8(Given.Code), FromUtf8(Given.Message)); }

void UCompanionSubsystem::Deinitialize()
{
	Conversations.Empty();
	Super::Deinitialize();
}

void UCompanionSubsystem::Tick(float)
{
	for (const TPair<FName, TSharedRef<FCompanionConversation>>& Each : Conversations) Each.Value->Step();
}

TStatId UCompanionSubsystem::GetStatId() const { RETURN_QUICK_DECLARE_CYCLE_STAT(UCompanionSubsystem, STATGROUP_Tickables); }

TSharedRef<FCompanionConversation> UCompanionSubsystem::Find(FName Name)
{
	if (const TSharedRef<FCompanionConversation>* Found = Conversations.Find(Name)) return *Found;
	return Conversations.Add(Name, MakeShared<FCompanionConversation>());
}

void UCompanionSubsystem::Forget(FName Name) { Conversations.Remove(Name); }
