#include "Companion/Conversation.h"

#include <cmath>
#include <limits>

namespace Companion
{
	namespace
	{
		constexpr double Every = 0.2; // s between reports
		constexpr size_t MostTurns = 64; // whose companion is remembered until they were heard
		constexpr double MostGrain = 0.1; // s that a frame is taken to last
		constexpr double CloseLids = 0.06, HoldLids = 0.03, OpenLids = 0.11; // s

		double Smooth(double Share) { return Share * Share * (3 - 2 * Share); }

		std::string_view Trimmed(std::string_view Text)
		{
			const size_t From = Text.find_first_not_of(" \t\r\n");
			return From == std::string_view::npos ? std::string_view() : Text.substr(From, Text.find_last_not_of(" \t\r\n") - From + 1);
		}
	}

	// ---------------------------------------------------------------------------------------- reports

	// A new session: what is pending is of the old one.
	void Reporter::Clear()
	{
		Pending.Clear();
		LastTurn = LastPts = 0;
	}

	void Reporter::Step(double Now)
	{
		Playout* const From = Of.Attached();
		if (!From) return;
		if (From != Seen)
		{
			Seen = From;
			Clear();
		}
		Point Given;
		while (From->Reports.TryRead(Given))
		{
			if (Given.Kind == PointKind::Reset) Clear();
			else if (Given.Kind == PointKind::Run || Given.Kind == PointKind::End) Pending.Push(Given);
		}
		const double Heard = Of.Heard(Now);
		while (!Pending.Empty() && (Pending.Front().Cut || Heard < 0 || double(Pending.Front().Air) <= Heard))
		{
			const Point Next = Pending.Pop();
			Report(Next.Turn, Next.Sample * TicksPerSecond / From->Rate(), Now);
		}
		if (Now < Due && !AtOnce) return;
		int64_t Turn, Pts;
		From->Playhead(Turn, Pts);
		if (Turn > 0 || AtOnce)
		{
			const double Behind = Heard < 0 ? 0 : (double(From->Air()) - Heard) * double(TicksPerSecond) / From->Rate();
			if (Behind > 0) Pts = std::max<int64_t>(0, Pts - int64_t(Behind));
			Report(Turn, Turn == 0 ? 0 : Pts, Now);
		}
		AtOnce = false;
	}

	void Reporter::Report(int64_t Turn, int64_t Pts, double Now)
	{
		Due = Now + Every;
		// What was heard stays heard, whatever the latency is reckoned to be.
		if (Turn == LastTurn) Pts = std::max(Pts, LastPts);
		LastTurn = Turn;
		LastPts = Pts;
		WritePlayhead(To.Blank(), Turn, Pts, To.Seq());
		To.SendNow();
	}

	// ---------------------------------------------------------------------------------------- blinks

	double Blinks::Pause() { return 2 + 4 * std::pow(Share(), 1.5); }

	float Blinks::Step(double Seconds)
	{
		Until -= Seconds;
		Since += Seconds;
		if (Until <= 0)
		{
			Since = 0;
			// One in eight is double.
			Until = Random() % 8 == 0 ? CloseLids + HoldLids + OpenLids + 0.08 : Pause();
		}
		if (Since < CloseLids) return float(Smooth(Since / CloseLids));
		if (Since < CloseLids + HoldLids) return 1;
		return Since < CloseLids + HoldLids + OpenLids ? float(1 - Smooth((Since - CloseLids - HoldLids) / OpenLids)) : 0;
	}

	// ---------------------------------------------------------------------------------------- what the game does

	Conversation::Conversation(Session::Connect Connect, IConversationEvents& GivenEvents, IAirTap* GivenTap, double (*GivenClock)())
		: Clock(GivenClock), Events(GivenEvents), Tap(GivenTap), Talk(std::move(Connect), *this), Shown(std::make_unique<Timeline>(FaceFormat(), 24000))
	{
		SendScene = [this](const States& Given, const std::vector<std::string>& Happenings, Respond Wish)
		{
			WriteContext(Talk.Blank(), Given, Happenings, Wish);
			Talk.SendKept();
		};
	}

	Conversation::~Conversation() { Output.Attach(nullptr); }

	void Conversation::Open(const SessionSettings& Given, double Now)
	{
		NowAt = Now;
		Shared = !Given.Hello.Room.empty();
		Talk.Open(Given, Now);
	}

	void Conversation::Close()
	{
		Listening.Close();
		Talk.Close();
	}

	void Conversation::Floors(const std::string& Companion)
	{
		if (Companion == Floor) return;
		Floor = Companion;
		Events.OnFloor(Floor);
	}

	bool Conversation::Fits(std::string_view Text) const
	{
		const int64_t Most = Talk.Welcome().Version == 0 ? 2000 : Talk.Welcome().TextChars;
		return !Text.empty() && (Most <= 0 || int64_t(Characters(Text)) <= Most);
	}

	bool Conversation::Say(std::string_view Text, std::string_view To)
	{
		Text = Trimmed(Text);
		if (!Fits(Text)) return false;
		Stop();
		Texts.Typed(Text);
		WriteText(Talk.Blank(), Text, To);
		Talk.SendKept();
		return true;
	}

	bool Conversation::AskPrivately(std::string_view Text, std::string_view To)
	{
		Text = Trimmed(Text);
		if (!InRoom || Talk.IsViewer() || !Fits(Text)) return false;
		WriteText(Talk.Blank(), Text, To, true);
		Talk.SendKept();
		return true;
	}

	bool Conversation::Stop()
	{
		int64_t Turn = 0, Pts = 0;
		if (Playing) Playing->Playhead(Turn, Pts);
		const int64_t Known = Turn > 0 ? Turn : NowState == State::Thinking || NowState == State::Speaking ? Talk.Turn() : 0;
		if (Known == 0) return false;
		Talk.Forget(Known);
		if (Playing) Held(Playing->Interrupt(Known));
		Shown->Drop(Known);
		Hands.Interrupted(Known);
		if (Known >= Unfinished) Unfinished = 0;
		WriteInterrupt(Talk.Blank(), Known, Turn > 0 ? Pts : -1);
		Talk.SendKept();
		return true;
	}

	void Conversation::PressTalk(bool Down) { Listening.Talk(Down, NowAt); }

	void Conversation::See(const std::vector<SeenFace>& Faces)
	{
		if (!Talk.Welcome().Has("seen")) return;
		WriteSeen(Talk.Blank(), Faces);
		Talk.SendNow();
	}

	bool Conversation::AskMemory(MemoryOp Op)
	{
		if (Op == MemoryOp::Forget || Op == MemoryOp::Import || !HasMemory()) return false;
		if (Op == MemoryOp::Agree || Op == MemoryOp::Refuse) Talk.Consent(Op == MemoryOp::Agree);
		WriteMemory(Talk.Blank(), Op);
		Talk.SendKept();
		return true;
	}

	bool Conversation::ForgetFacts(const std::vector<int64_t>& Facts)
	{
		if (Facts.empty() || Facts.size() > MostForgotten || !HasMemory()) return false;
		WriteMemory(Talk.Blank(), MemoryOp::Forget, Facts);
		Talk.SendKept();
		return true;
	}

	bool Conversation::ImportMemory(const std::vector<uint8_t>& Blob)
	{
		if (Blob.empty() || Blob.size() > MostMemoryBytes || !HasMemory()) return false;
		WriteMemory(Talk.Blank(), MemoryOp::Import, {}, Blob);
		Talk.SendKept();
		return true;
	}

	bool Conversation::DoInRoom(RoomOp Op, std::string_view To)
	{
		if (!InRoom || Talk.IsViewer() || (Op == RoomOp::Give) == To.empty()) return false;
		WriteRoom(Talk.Blank(), Op, To);
		Talk.SendKept();
		return true;
	}

	std::string Conversation::AddTool(const std::string& Name, const std::string& Description, const std::string& Schema)
	{
		std::string Wrong = Hands.Add(Name, Description, Schema);
		if (Wrong.empty()) SendTools();
		return Wrong;
	}

	bool Conversation::RemoveTool(const std::string& Name)
	{
		const bool Any = Hands.Remove(Name);
		if (Any) SendTools();
		return Any;
	}

	void Conversation::SendTools()
	{
		if (Talk.Status() != Status::Open && Talk.Status() != Status::Lost) return;
		WriteTools(Talk.Blank(), Hands.Specs());
		Talk.SendKept();
	}

	// ---------------------------------------------------------------------------------------- time passes

	void Conversation::Pump(double Now)
	{
		NowAt = Now;
		Talk.Tick(Now, Dry);
		if (Shared && Talk.Status() == Status::Open && Beat.Step.Due(1000 * Now))
		{
			WritePing(Talk.Blank(), std::max(0.0, 1000 * Now));
			Talk.SendNow();
		}
		Reports.Step(Now);
	}

	void Conversation::Update(double Now)
	{
		Pump(Now);
		Point Given;
		if (Playing)
			while (Playing->Points.TryRead(Given)) Shown->Add(Given);
		const double At = Output.Heard(Now);
		if (At >= 0) Shown->Advance(At);
		if (Shared && Playing) Playing->SetSpeed(Shown->Running() ? Beat.Speed(Shown->Turn(), Shown->Pts(), 1000 * Now) : 1);
		Dry = Unfinished > 0 && !Shown->Running();
		Heard Due;
		while (Shown->Next(Due))
		{
			Texts.Take(Due, Now);
			Events.OnHeard(Due);
			if (!Shared) continue;
			const auto Of = std::find_if(Whose.begin(), Whose.end(), [&](const auto& Each) { return Each.first == Due.Turn; });
			if (Due.Kind == HeardKind::Began) Floors(Of == Whose.end() ? "main" : Of->second);
			if (Due.Kind != HeardKind::Ended) continue;
			if (Of != Whose.end()) Whose.erase(Of);
			Floors("");
		}
		Texts.Step(Now);
		Hands.Step(Now);
		Listening.Step(Now);
		if (Talk.Status() == Status::Open) Scene.Step(Now, SendScene);
	}

	void Conversation::Weights(double Now, float* Into)
	{
		Shown->Sample(Now, 0, Into);
		const float Lid = Lids.Step(std::clamp(Now - BlinkedAt, 0.0, 0.25));
		BlinkedAt = Now;
		if (Shown->Alive()) return;
		for (const char* Name : {"eyeBlinkLeft", "eyeBlinkRight", "blink"})
		{
			const int Channel = Format().IndexOf(Name);
			if (Channel >= 0) Into[Channel] = std::max(Into[Channel], Lid);
		}
	}

	// ---------------------------------------------------------------------------------------- what the server says

	void Conversation::OnStatus(Status Given, const Fault& Why)
	{
		if (Given == Status::Waiting || Given == Status::Over)
		{
			Unfinished = 0;
			Become(State::Idle);
		}
		Events.OnStatus(Given, Why);
	}

	void Conversation::OnWelcome(const Welcome& Given)
	{
		if (!Given.Resumed)
		{
			InRoom = false;
			Beat.Reset();
			Whose.clear();
			Floors("");
			Begin(Given);
		}
		Events.OnWelcome(Given);
	}

	// Only now do messages flow: what the welcome asks for is sent here.
	void Conversation::OnSettled()
	{
		if (Talk.Welcome().Resumed)
		{
			Listening.Mended();
			Reports.Soon();
			return;
		}
		if (!Hands.Specs().empty()) SendTools();
		Scene.Resend(NowAt);
		Listening.NewSession();
	}

	Playout& Conversation::PlayoutAt(int Rate, double Lead)
	{
		for (const auto& Each : Playouts)
		{
			if (Each->Rate() != Rate) continue;
			Held(Each->Reset(Lead));
			return *Each;
		}
		Playouts.push_back(std::make_unique<Playout>(Rate, Lead, Tap));
		return *Playouts.back();
	}

	void Conversation::Begin(const Welcome& Given)
	{
		Playout* const Before = Playing;
		const bool Known = [&] { for (const auto& Each : Playouts) if (Each->Rate() == Given.Rate) return true; return false; }();
		if (Before && Before->Rate() != Given.Rate) Held(Before->Reset(Given.LeadMs / 1000.0));
		Playing = &PlayoutAt(Given.Rate, Given.LeadMs / 1000.0);
		Output.Attach(Playing);
		if (Known && Before == Playing && Shown->Format() == Given.Face) Shown->NewSession();
		else
		{
			Shown = std::make_unique<Timeline>(Given.Face, Given.Rate);
			// A stream that was used before has points of older sessions on their way, up to the reset that was just asked for.
			if (Known) Shown->NewSession();
		}
		Unfinished = 0;
		Become(State::Idle);
		Hands.Interrupted(INT64_MAX);
	}

	void Conversation::Held(bool Room)
	{
		if (!Room) Talk.Unpaced();
	}

	void Conversation::Become(State Given)
	{
		if (Given == NowState) return;
		NowState = Given;
		Events.OnState(Given);
	}

	void Conversation::OnState(State Given, int64_t)
	{
		if (Playing) Held(Playing->Duck(Given == State::Overlap));
		Become(Given);
	}

	void Conversation::OnTranscript(const Transcript& Given)
	{
		Texts.Take(Given);
		Events.OnTranscript(Given);
	}

	void Conversation::OnReplyStart(int64_t Turn, int64_t, int64_t, std::string_view Companion)
	{
		if (Companion != "main" && Whose.size() < MostTurns) Whose.emplace_back(Turn, Companion);
		Unfinished = Turn;
		if (Playing) Held(Playing->Begin(Turn));
	}

	void Conversation::OnWord(const Word& Given) { Shown->Add(Given); }

	void Conversation::OnMedia(const Media& Given)
	{
		Shown->Add(Given, NowAt);
		if (Given.Turn <= 0 || !Playing) return;
		double Due = 0;
		const bool Timed = Shared && Beat.Place(Given.Turn, Given.Pts, Given.At, Due);
		Held(Playing->Append(Given.Turn, Given.Pts, Given.Pcm, Timed ? std::round(Output.SampleAt(Due / 1000)) : std::numeric_limits<double>::quiet_NaN()));
	}

	void Conversation::OnCue(const Cue& Given) { Shown->Add(Given); }

	void Conversation::OnToolCall(ToolCall Given) { Hands.Call(std::move(Given), NowAt); }

	void Conversation::OnInterrupted(int64_t Turn, int64_t, int64_t)
	{
		if (Turn >= Unfinished) Unfinished = 0;
		if (Playing) Held(Playing->Interrupt(Turn));
		Shown->Drop(Turn);
		Hands.Interrupted(Turn);
	}

	void Conversation::OnReplyEnd(const ReplyEnd& Given)
	{
		if (Given.Turn >= Unfinished) Unfinished = 0;
		if (Playing) Held(Playing->End(Given.Turn, Given.Reason));
		Events.OnReplyEnd(Given);
	}

	void Conversation::OnIdentity(const Identity& Given) { Events.OnIdentity(Given); }

	void Conversation::OnMemory(const MemoryAnswer& Given) { Events.OnMemory(Given); }

	void Conversation::OnRoom(const RoomState& Given)
	{
		InRoom = true;
		Events.OnRoom(Given);
	}

	void Conversation::OnSaid(const Said& Given) { Events.OnSaid(Given); }

	void Conversation::OnError(const ServerError& Given) { Events.OnError(Given); }

	// It has come at some moment since the last call.
	void Conversation::OnPong(double Stamp, double Server)
	{
		const double Came = Clock ? std::max(NowAt, Clock()) : NowAt;
		if (Shared) Beat.Step.Pong(Stamp, Server, 1000 * Came, 1000 * std::min(Came - NowAt, MostGrain));
	}

	// ---------------------------------------------------------------------------------------- what goes out

	void Conversation::OnMic(int64_t Pts, const uint8_t* Data, size_t Size)
	{
		WriteMic(Talk.Blank(), Pts, Data, Size);
		Talk.SendNow();
	}

	// Worth nothing late: a mended connection has the key as up, and the ear presses it again.
	void Conversation::OnTalk(bool On, int64_t Pts)
	{
		WriteTalk(Talk.Blank(), On, Pts);
		Talk.SendNow();
	}

	void Conversation::OnTool(int64_t Call, const std::string& Name, const Value& Arguments) { Events.OnTool(Call, Name, Arguments); }

	void Conversation::OnToolOver(int64_t Call) { Events.OnToolOver(Call); }

	void Conversation::OnToolAnswer(int64_t Call, ToolStatus Status, std::string_view Given)
	{
		WriteToolResult(Talk.Blank(), Call, Status, Given);
		Talk.SendKept();
	}
}
