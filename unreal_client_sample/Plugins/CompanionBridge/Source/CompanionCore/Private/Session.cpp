#include "Companion/Session.h"

#include <algorithm>

namespace Companion
{
	namespace
	{
		enum class Verdict { Kept, Ended, Bye };

		// The table of SPEC, section 12.
		Verdict VerdictOf(int Code, const std::string& Text, const ServerError* Fatal)
		{
			if (Code == 1000) return Verdict::Bye;
			if (Code == 1001) return Text == "going_away" || (Fatal && Fatal->Code == "going_away") ? Verdict::Ended : Verdict::Kept;
			if (Code == 4000 || Code == 4004 || Code == 4031) return Verdict::Kept;
			return Code >= 4000 && Code < 5000 ? Verdict::Ended : Verdict::Kept;
		}

		const char* Sentence(const std::string& Name)
		{
			if (Name == "unauthorized") return "it wants an access token.";
			if (Name == "token_expired") return "the access token has expired.";
			if (Name == "forbidden") return "the access token does not allow this.";
			if (Name == "unsupported_version") return "it speaks another version of the protocol.";
			if (Name == "server_full") return "all places are taken.";
			if (Name == "user_full") return "this user has too many conversations.";
			if (Name == "idle_timeout") return "nothing was said for a long time.";
			if (Name == "session_taken") return "another client took it over.";
			if (Name == "going_away") return "it is going down.";
			return nullptr;
		}

		Fault FaultOf(int Code, const std::string& Text, const ServerError* Fatal)
		{
			if (Fatal) return {Fatal->Code, Fatal->Message, Fatal->RetryAfter};
			const std::string Name = Text.empty() ? "close_" + std::to_string(Code) : Text;
			const char* Known = Sentence(Name);
			return {Name, "The server closed the conversation: " + (Known ? std::string(Known) : Name + "."), 0};
		}
	}

	bool Fault::Passing() const
	{
		for (const char* Each : {"going_away", "server_full", "user_full", "internal", "unreachable", "connection_lost", "unpaced", "no_token"})
			if (Code == Each) return true;
		return false;
	}

	void Admission::Clear(int64_t From)
	{
		Seq = From;
		Turn = Cut = 0;
	}

	void Admission::Forget(int64_t Number) { Cut = std::max(Cut, Number); }

	bool Admission::Once(int64_t Number)
	{
		if (Number == 0) return true;
		if (Number <= Seq) return false;
		Seq = Number;
		return true;
	}

	bool Admission::OfReply(int64_t Number, int64_t Of)
	{
		if (!Once(Number)) return false;
		if (Of == 0) return true;
		Turn = std::max(Turn, Of);
		return Of > Cut;
	}

	double Backoff::Next(std::minstd_rand& Random)
	{
		const double Now = Pause;
		Pause = Pause == 0 ? First : std::min(2 * Pause, Most);
		const double Share = double(Random() - std::minstd_rand::min()) / double(std::minstd_rand::max() - std::minstd_rand::min());
		return Now * (0.5 + 0.5 * Share);
	}

	Session::Session(Connect GivenConnect, ISessionEvents& GivenEvents) : MakeTransport(std::move(GivenConnect)), Events(GivenEvents)
	{
		Trying.Next(Random);
	}

	Session::~Session()
	{
		if (Transport) Transport->Abort();
	}

	Writer& Session::Blank()
	{
		Out.Clear();
		return Out;
	}

	void Session::SendKept()
	{
		if (Now == Status::Over || Now == Status::Idle) return;
		const std::vector<uint8_t>& Bytes = Out.Bytes();
		if (IsWelcomed && Transport && Transport->Send(Bytes.data(), Bytes.size())) return;
		if (Queue.size() < MostQueued) Queue.push_back(Bytes);
		else DroppedCount++;
	}

	void Session::SendNow()
	{
		if (IsWelcomed && Transport) Transport->Send(Out.Bytes().data(), Out.Bytes().size());
	}

	// ---------------------------------------------------------------------------------------- what is asked of it

	void Session::Open(const SessionSettings& Given, double When)
	{
		if (Now != Status::Idle && Now != Status::Over && Now != Status::Waiting) return;
		Settings = Given;
		Random.seed(Settings.Seed == 0 ? 1 : Settings.Seed);
		At = When;
		Lost = false;
		RetryAt = Never;
		Retire();
		Tell(Status::Connecting, {});
		Begin();
	}

	void Session::Tick(double When, bool Dry)
	{
		At = When;
		Retired.clear();
		if (HasClosed)
		{
			HasClosed = false;
			Retire();
			Closed(ClosedCode, ClosedText);
		}
		if (Heard) HeardAt = At;
		Heard = false;
		if (At >= RetryAt) Retry();
		else if (TokenDue && At > Deadline)
		{
			TokenDue = false;
			Ticket++;
			End({"no_token", "No access token came within " + std::to_string(int(Settings.OpenSeconds)) + " s.", 0});
		}
		else if (Transport && !IsWelcomed && At > Deadline) Sever();
		else if (IsWelcomed) KeepAlive(Dry);
	}

	void Session::Hurry(double When)
	{
		At = When;
		if (IsWelcomed || (Now != Status::Lost && Now != Status::Waiting)) return;
		Retire();
		Mending.Clear();
		Mending.Next(Random);
		Retry();
	}

	void Session::Sever()
	{
		if (!Transport) return;
		Transport->Abort();
		HasClosed = true;
		ClosedCode = 1006;
		ClosedText.clear();
	}

	void Session::Close()
	{
		if (Now == Status::Over || Now == Status::Idle) return;
		Leave();
		Finish({});
	}

	void Session::Unpaced() { End({"unpaced", "The server sent more than can be held: it does not heed the playhead.", 0}); }

	// ---------------------------------------------------------------------------------------- connections

	void Session::Begin()
	{
		TokenDue = false;
		Deadline = At + Settings.OpenSeconds;
		if (!Settings.FreshToken)
		{
			Dial();
			return;
		}
		TokenDue = true;
		const uint32_t Mine = ++Ticket;
		Settings.FreshToken(Mine);
	}

	void Session::GiveToken(uint32_t Given, const std::string& Token)
	{
		if (!TokenDue || Given != Ticket) return; // of an attempt that is over
		TokenDue = false;
		if (Token.empty())
		{
			End({"no_token", "There is no access token to be had.", 0});
			return;
		}
		Settings.Hello.Token = Token;
		Deadline = At + Settings.OpenSeconds;
		Dial();
	}

	void Session::Dial()
	{
		HasClosed = false;
		Transport = MakeTransport();
		if (Transport) Transport->Open(Settings.Url, Subprotocol, *this);
		else Closed(1006, "");
	}

	void Session::Retire()
	{
		HasClosed = false;
		if (!Transport) return;
		Transport->Abort();
		Retired.push_back(std::move(Transport));
		Transport.reset();
	}

	void Session::OnOpened(ITransport& From)
	{
		if (&From != Transport.get()) return;
		const bool Resume = HasWelcome && Lost && !Settings.Hello.Viewer;
		WriteHello(Blank(), Settings.Hello, Resume ? Welcomed.Session : "", Resume ? Welcomed.Token : "", Admitted.Seq);
		Transport->Send(Out.Bytes().data(), Out.Bytes().size());
	}

	void Session::OnReceived(ITransport& From, const uint8_t* Data, size_t Size)
	{
		if (&From != Transport.get() || HasClosed || Now == Status::Over) return;
		Heard = true;
		std::string Why;
		if (ReadServerMessage(Data, Size, *this, Why) == Reading::Broken) End({"bad_message", Settings.Url + " sent something that is not a message: " + Why + ".", 0});
	}

	void Session::OnClosed(ITransport& From, int Code, std::string_view Text)
	{
		if (&From != Transport.get() || HasClosed) return;
		HasClosed = true;
		ClosedCode = Code;
		ClosedText = Text;
	}

	void Session::Closed(int Code, const std::string& Text)
	{
		const bool Was = IsWelcomed || Lost;
		IsWelcomed = false;
		if (Now == Status::Over) return;
		const ServerError* const Told = HasFatal ? &Fatal : nullptr;
		const Verdict Given = VerdictOf(Code, Text, Told);
		const Fault Why = FaultOf(Code, Text, Told);
		HasFatal = false;
		if (Given == Verdict::Bye) Finish({"closed", "The server ended the conversation.", 0});
		else if (Given == Verdict::Ended || (Told && !Was)) End(Why);
		else if (Was && HasWelcome) Mend();
		else if (Code == 4000) End(Why);
		else End({"unreachable", "Nothing answers at " + Settings.Url + "; is the bridge running?", 0});
	}

	void Session::Mend()
	{
		if (!Lost)
		{
			Lost = true;
			LostAt = At;
			Mending.Clear();
			Tell(Status::Lost, {});
		}
		const double Pause = Mending.Next(Random);
		if (At + Pause - LostAt > Welcomed.ResumeSeconds) End({"connection_lost", "The connection to " + Settings.Url + " was lost and could not be mended in time.", 0});
		else if (Pause == 0) Begin();
		else RetryAt = At + Pause;
	}

	// In order where there is a session, so that the server need not keep it.
	void Session::Leave()
	{
		if (!IsWelcomed || !Transport) return;
		WriteBye(Blank());
		SendNow();
		Transport->Close();
		Retired.push_back(std::move(Transport));
		Transport.reset();
	}

	// Over, or a new session after a while.
	void Session::End(const Fault& Why)
	{
		Leave();
		Retire();
		IsWelcomed = Lost = TokenDue = false;
		if (!Settings.KeepTrying || !Why.Passing())
		{
			Finish(Why);
			return;
		}
		RetryAt = At + std::max(Why.RetryAfter, Trying.Next(Random));
		Tell(Status::Waiting, Why);
	}

	void Session::Finish(const Fault& Why)
	{
		Retire();
		IsWelcomed = Lost = TokenDue = false;
		RetryAt = Never;
		Queue.clear();
		Tell(Status::Over, Why);
	}

	void Session::Retry()
	{
		RetryAt = Never;
		if (Now == Status::Waiting) Tell(Status::Connecting, Fault(Reason));
		Begin();
	}

	void Session::KeepAlive(bool Dry)
	{
		const double Patience = Dry ? Settings.DryDeadSeconds : Settings.DeadSeconds;
		if (Pinged && At - HeardAt > Patience && At - PingAt > Patience)
		{
			Sever();
			return;
		}
		const double Since = Dry ? At - std::max(HeardAt, PingAt) : At - PingAt;
		if (Since < (Dry ? Settings.DryPingSeconds : Settings.PingSeconds) || (Pinged && HeardAt < PingAt)) return;
		PingAt = At;
		Pinged = true;
		WritePing(Blank(), std::max(0.0, 1000 * At));
		SendNow();
	}

	void Session::Tell(Companion::Status Given, const Fault& Why)
	{
		Now = Given;
		Reason = Why;
		Events.OnStatus(Given, Reason);
	}

	// ---------------------------------------------------------------------------------------- what the server says

	void Session::OnWelcome(const Companion::Welcome& Given)
	{
		if (Given.Version != 1)
		{
			End({"unsupported_version", "The server speaks version " + std::to_string(Given.Version) + " of the protocol, this client version 1.", 0});
			return;
		}
		if (!Given.Resumed) Admitted.Clear(Given.Seq);
		Welcomed = Given;
		HasWelcome = IsWelcomed = true;
		HasFatal = Lost = false;
		RetryAt = Never;
		HeardAt = At;
		PingAt = -Never; // the first at once: it tells the round trip
		Pinged = false;
		Mending.Clear();
		Trying.Clear();
		Trying.Next(Random);
		Events.OnWelcome(Welcomed);
		if (!IsWelcomed) return; // the listener closed it
		Tell(Status::Open, {});
		Events.OnSettled();
		if (!IsWelcomed) return;
		for (const std::vector<uint8_t>& Each : Queue) Transport->Send(Each.data(), Each.size());
		Queue.clear();
	}

	void Session::OnState(State Given, int64_t Of) { Events.OnState(Given, Of); }

	void Session::OnTranscript(const Transcript& Given)
	{
		if (Admitted.Once(Given.Seq)) Events.OnTranscript(Given);
	}

	void Session::OnReplyStart(int64_t Of, int64_t Number, int64_t Utterance, std::string_view Companion)
	{
		if (Admitted.OfReply(Number, Of)) Events.OnReplyStart(Of, Number, Utterance, Companion);
	}

	void Session::OnWord(const Word& Given)
	{
		if (Admitted.OfReply(Given.Seq, Given.Turn)) Events.OnWord(Given);
	}

	void Session::OnMedia(const Media& Given)
	{
		if (Admitted.OfReply(Given.Seq, Given.Turn)) Events.OnMedia(Given);
	}

	void Session::OnCue(const Cue& Given)
	{
		if (Admitted.OfReply(Given.Seq, Given.Turn)) Events.OnCue(Given);
	}

	void Session::OnToolCall(ToolCall Given)
	{
		if (Admitted.OfReply(Given.Seq, Given.Turn)) Events.OnToolCall(std::move(Given));
	}

	void Session::OnInterrupted(int64_t Of, int64_t Number, int64_t Pts)
	{
		if (!Admitted.Once(Number)) return;
		Admitted.Forget(Of);
		Events.OnInterrupted(Of, Number, Pts);
	}

	void Session::OnReplyEnd(const ReplyEnd& Given)
	{
		if (Admitted.OfReply(Given.Seq, Given.Turn)) Events.OnReplyEnd(Given);
	}

	void Session::OnIdentity(const Companion::Identity& Given)
	{
		Welcomed.Identity = Given;
		Events.OnIdentity(Given);
	}

	void Session::OnMemory(const MemoryAnswer& Given) { Events.OnMemory(Given); }

	void Session::OnRoom(const RoomState& Given) { Events.OnRoom(Given); }

	void Session::OnSaid(const Said& Given)
	{
		if (Admitted.Once(Given.Seq)) Events.OnSaid(Given);
	}

	void Session::OnError(const ServerError& Given)
	{
		if (Given.Fatal || Given.Code == "going_away")
		{
			Fatal = Given;
			HasFatal = true;
		}
		Events.OnError(Given);
	}

	void Session::OnPong(double Stamp, double Server)
	{
		Trip = std::max(0.0, At - Stamp / 1000);
		Events.OnPong(Stamp, Server);
	}
}
