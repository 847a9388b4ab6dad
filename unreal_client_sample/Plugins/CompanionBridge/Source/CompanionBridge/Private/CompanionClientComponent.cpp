#include "CompanionClientComponent.h"

#include "CompanionSubsystem.h"
#include "CompanionText.h"
#include "Engine/GameInstance.h"
#include "Engine/World.h"

void UCompanionClientComponent::BeginPlay()
{
	Super::BeginPlay();
	UGameInstance* const Game = GetWorld() ? GetWorld()->GetGameInstance() : nullptr;
	UCompanionSubsystem* const All = Game ? Game->GetSubsystem<UCompanionSubsystem>() : nullptr;
	if (!All) return;
	Held = All->Find(Conversation);
	Bind();
	if (bConnectOnBeginPlay) Connect();
}

void UCompanionClientComponent::EndPlay(const EEndPlayReason::Type EndPlayReason)
{
	if (Held.IsValid())
	{
		Held->StatusChanged.RemoveAll(this);
		Held->Welcomed.RemoveAll(this);
		Held->StateChanged.RemoveAll(this);
		Held->Transcribed.RemoveAll(this);
		Held->HeardNow.RemoveAll(this);
		Held->ToolCalled.RemoveAll(this);
		Held->Failed.RemoveAll(this);
		Held->MemoryTold.RemoveAll(this);
		Held->RoomTold.RemoveAll(this);
		Held->OtherSaid.RemoveAll(this);
		Held->FloorChanged.RemoveAll(this);
		if (bEndWithComponent) Disconnect();
	}
	Held.Reset();
	Super::EndPlay(EndPlayReason);
}

void UCompanionClientComponent::Bind()
{
	Held->StatusChanged.AddWeakLambda(this, [this](ECompanionStatus Status, const FString& Code, const FString& Message) { OnStatus.Broadcast(Status, Code, Message); });
	Held->StateChanged.AddWeakLambda(this, [this](ECompanionState State) { OnState.Broadcast(State); });
	Held->Transcribed.AddWeakLambda(this, [this](const FString& Text, bool bFinal) { OnTranscript.Broadcast(Text, bFinal); });
	Held->Failed.AddWeakLambda(this, [this](const FString& Code, const FString& Message) { OnError.Broadcast(Code, Message); });
	Held->MemoryTold.AddWeakLambda(this, [this](const Companion::MemoryAnswer& Given) { Remembered(Given); });
	Held->RoomTold.AddWeakLambda(this, [this](const Companion::RoomState& Given) { Gathered(Given); });
	Held->OtherSaid.AddWeakLambda(this, [this](const Companion::Said& Given) { OnOtherSaid.Broadcast(FromUtf8(Given.By), FromUtf8(Given.Text), Given.Private); });
	Held->FloorChanged.AddWeakLambda(this, [this](const FString& Key) { Floors(Key); });
	Held->HeardNow.AddWeakLambda(this, [this](const Companion::Heard& Given) { Heard(Given); });
	Held->Welcomed.AddWeakLambda(this, [this](const Companion::Welcome& Given) { OnWelcome.Broadcast(FromUtf8(Given.Identity.Name), FromUtf8(Given.Identity.Disclosure), FromUtf8(Given.Notice)); });
	Held->ToolCalled.AddWeakLambda(this, [this](int64 Call, const FString& Name, const FString& Arguments) { OnTool.Broadcast(Call, Name, Arguments); });
}

void UCompanionClientComponent::Heard(const Companion::Heard& Given)
{
	switch (Given.Kind)
	{
		case Companion::HeardKind::Word: OnWord.Broadcast(FromUtf8(Given.Gap), FromUtf8(Given.Text), Subtitle()); break;
		case Companion::HeardKind::Cue: (Given.Emotion ? OnEmotion : OnGesture).Broadcast(FromUtf8(Given.Text), Given.Intensity); break;
		case Companion::HeardKind::Ended: OnTurnEnded.Broadcast(Given.Cut); break;
		case Companion::HeardKind::Began: case Companion::HeardKind::Held: break;
	}
}

void UCompanionClientComponent::Remembered(const Companion::MemoryAnswer& Given)
{
	FCompanionMemory Answer;
	Answer.Op = static_cast<ECompanionMemoryOp>(Given.Op);
	Answer.bOn = Given.On;
	Answer.Count = Given.Count;
	for (const Companion::MemoryFact& Each : Given.Facts)
	{
		FCompanionFact Fact;
		Fact.Id = Each.Id;
		Fact.Kind = FromUtf8(Each.Kind);
		Fact.Text = FromUtf8(Each.Text);
		Fact.Day = FromUtf8(Each.Day);
		Answer.Facts.Add(Fact);
	}
	for (const std::string& Each : Given.Episodes) Answer.Episodes.Add(FromUtf8(Each));
	Answer.Blob.Append(Given.Blob.data(), static_cast<int32>(Given.Blob.size()));
	OnMemory.Broadcast(Answer);
}

void UCompanionClientComponent::Gathered(const Companion::RoomState& Given)
{
	FCompanionRoom Room;
	Room.Name = FromUtf8(Given.Name);
	Room.You = FromUtf8(Given.You);
	for (const Companion::RoomPerson& Each : Given.People)
	{
		if (Each.Here) Room.People.Add(FromUtf8(Each.Name));
		if (Each.Hand) Room.Hands.Add(FromUtf8(Each.Name));
	}
	RoomKeys.Reset();
	RoomNames.Reset();
	for (const Companion::RoomCompanion& Each : Given.Companions)
	{
		RoomKeys.Add(FromUtf8(Each.Key));
		RoomNames.Add(FromUtf8(Each.Name));
		Room.Companions.Add(FromUtf8(Each.Name));
	}
	if (Given.Item > 0 && Given.Item <= static_cast<int64>(Given.Agenda.size())) Room.Item = FromUtf8(Given.Agenda[static_cast<size_t>(Given.Item - 1)].Title);
	Room.Word = FromUtf8(Given.Word);
	Room.Minutes = FromUtf8(Given.Minutes);
	OnRoom.Broadcast(Room);
}

void UCompanionClientComponent::Floors(const FString& Key)
{
	FString Name;
	for (int32 At = 0; At < RoomKeys.Num(); At++)
		if (RoomKeys[At].Equals(Key)) Name = RoomNames[At];
	OnFloor.Broadcast(Name);
}

void UCompanionClientComponent::Connect()
{
	if (!Held.IsValid()) return;
	TFunction<void(uint32)> Fresh;
	if (TokenSource.IsBound())
	{
		const TWeakObjectPtr<UCompanionClientComponent> Weak(this);
		Fresh = [Weak](uint32 Ticket) { if (UCompanionClientComponent* Self = Weak.Get()) Self->TokenSource.ExecuteIfBound(static_cast<int32>(Ticket)); };
	}
	Held->SetListening(Listening);
	Held->Connect(Settings, MoveTemp(Fresh));
}

void UCompanionClientComponent::Disconnect()
{
	if (!Held.IsValid()) return;
	Held->SetListening(ECompanionListen::Off);
	Held->Talk.Close();
}

void UCompanionClientComponent::GiveToken(int32 Ticket, const FString& Token)
{
	if (Held.IsValid()) Held->Talk.Line().GiveToken(static_cast<uint32_t>(Ticket), ToUtf8(Token));
}

bool UCompanionClientComponent::Say(const FString& Text) { return Held.IsValid() && Held->Talk.Say(ToUtf8(Text)); }

bool UCompanionClientComponent::StopTalking() { return Held.IsValid() && Held->Talk.Stop(); }

void UCompanionClientComponent::PressTalk(bool bDown)
{
	if (Held.IsValid()) Held->Talk.PressTalk(bDown);
}

void UCompanionClientComponent::SetListening(ECompanionListen Mode)
{
	Listening = Mode;
	if (Held.IsValid()) Held->SetListening(Mode);
}

bool UCompanionClientComponent::SetState(const FString& Key, const FString& Value) { return Held.IsValid() && Held->Talk.SetState(ToUtf8(Key), ToUtf8(Value)); }

void UCompanionClientComponent::Happened(const FString& Sentence, ECompanionRespond Respond)
{
	if (Held.IsValid()) Held->Talk.Happened(ToUtf8(Sentence), static_cast<Companion::Respond>(Respond));
}

FString UCompanionClientComponent::AddTool(const FString& Name, const FString& Description, const FString& Schema)
{
	return Held.IsValid() ? FromUtf8(Held->Talk.AddTool(ToUtf8(Name), ToUtf8(Description), ToUtf8(Schema))) : FString(TEXT("The conversation has not begun."));
}

bool UCompanionClientComponent::AnswerTool(int64 Call, ECompanionToolStatus Status, const FString& Value)
{
	return Held.IsValid() && Held->Talk.AnswerTool(Call, static_cast<Companion::ToolStatus>(Status), ToUtf8(Value));
}

bool UCompanionClientComponent::HasMemory() const { return Held.IsValid() && Held->Talk.HasMemory(); }

bool UCompanionClientComponent::AskMemory(ECompanionMemoryOp Op)
{
	if (Op == ECompanionMemoryOp::Agree) Settings.Memory = ECompanionConsent::Agreed;
	if (Op == ECompanionMemoryOp::Refuse) Settings.Memory = ECompanionConsent::Refused;
	return Held.IsValid() && Held->Talk.AskMemory(static_cast<Companion::MemoryOp>(Op));
}

bool UCompanionClientComponent::ForgetFacts(const TArray<int64>& Facts)
{
	return Held.IsValid() && Held->Talk.ForgetFacts(std::vector<int64_t>(Facts.GetData(), Facts.GetData() + Facts.Num()));
}

bool UCompanionClientComponent::ImportMemory(const TArray<uint8>& Blob)
{
	return Held.IsValid() && Held->Talk.ImportMemory(std::vector<uint8_t>(Blob.GetData(), Blob.GetData() + Blob.Num()));
}

bool UCompanionClientComponent::DoInRoom(ECompanionRoomOp Op, const FString& Whom)
{
	return Held.IsValid() && Held->Talk.DoInRoom(static_cast<Companion::RoomOp>(Op), ToUtf8(Whom));
}

bool UCompanionClientComponent::AskPrivately(const FString& Text) { return Held.IsValid() && Held->Talk.AskPrivately(ToUtf8(Text)); }

FString UCompanionClientComponent::Subtitle() const { return Held.IsValid() ? FromUtf8(Held->Talk.Words().Line()) : FString(); }
