// One conversation over one WebSocket after another.
#pragma once

#include "Companion/Messages.h"

#include <functional>
#include <limits>
#include <memory>
#include <random>

namespace Companion
{
	class ITransport;

	/// What becomes of a connection; called on the thread that owns the session.
	class ITransportEvents
	{
	public:
		virtual ~ITransportEvents() = default;
		virtual void OnOpened(ITransport& From) = 0;
		/// A whole binary message; the bytes are the transport's.
		virtual void OnReceived(ITransport& From, const uint8_t* Data, size_t Size) = 0;
		/// It never opened, or is closed; 1006 stands for a connection that ended without a close frame. Comes at most once.
		virtual void OnClosed(ITransport& From, int Code, std::string_view Reason) = 0;
	};

	/// One WebSocket connection, used once.
	class ITransport
	{
	public:
		virtual ~ITransport() = default;
		/// Begins to connect; never waits. Events may come from within.
		virtual void Open(const std::string& Url, const char* Subprotocol, ITransportEvents& Events) = 0;
		/// Queues a binary message, which is copied. False when it could not be taken.
		virtual bool Send(const uint8_t* Data, size_t Size) = 0;
		/// Closes politely, within a bounded time, after what was queued.
		virtual void Close() = 0;
		/// Drops the connection at once; no event comes afterwards.
		virtual void Abort() = 0;
	};

	/// How the conversation stands: nothing asked for, the first connection being made, messages flow, lost and being mended,
	/// ended for a reason that passes and tried anew after a while, over.
	enum class Status : uint8_t { Idle, Connecting, Open, Lost, Waiting, Over };

	/// Why a conversation ended or was refused: a code for machines, a sentence for people.
	struct COMPANIONCORE_API Fault
	{
		/// A code of the protocol, or unreachable, connection_lost, unpaced, bad_message, closed, no_token; empty: none.
		std::string Code, Message;
		/// Seconds after which it is worth coming back; 0 when nobody said.
		double RetryAfter = 0;
		/// Whether a new session may succeed later without anyone changing anything.
		bool Passing() const;
	};

	/// Where and how to connect.
	struct SessionSettings
	{
		std::string Url = "ws://127.0.0.1:8765";
		Companion::Hello Hello;
		/// Open a new session by itself when one ended for a reason that passes (server restarts, full, unreachable).
		bool KeepTrying = true;
		/// Asks for a token before each connection, where tokens expire; the answer goes to `Session::GiveToken` with the
		/// ticket, now or later. Empty: `Hello.Token` as it is.
		std::function<void(uint32_t Ticket)> FreshToken;
		/// Seconds for a connection to open and be welcomed, and for a token to come.
		double OpenSeconds = 10;
		/// Seconds between pings, and the silence after one that means a dead line.
		double PingSeconds = 5, DeadSeconds = 8;
		/// The same in the middle of a turn whose buffer has run dry.
		double DryPingSeconds = 1, DryDeadSeconds = 2;
		/// Seed of the pauses between attempts.
		uint32_t Seed = 1;
	};

	/// Takes what a session admits: each message once, none of a reply that was cut.
	class ISessionEvents : public IServerMessages
	{
	public:
		virtual void OnStatus(Status Now, const Fault& Why) = 0;
		/// The listener has taken the welcome and messages flow: what it sends now goes before what waited.
		virtual void OnSettled() = 0;
	};

	/// Lets each message through once, and nothing of a reply that was cut.
	class Admission
	{
	public:
		int64_t Seq = 0, Turn = 0, Cut = 0;

		void Clear(int64_t From);
		void Forget(int64_t Number);
		bool Once(int64_t Number);
		bool OfReply(int64_t Number, int64_t Of);
	};

	/// When to try again: at once, then after pauses that double between two bounds, each times a random 0.5 to 1.
	class Backoff
	{
	public:
		Backoff(double GivenFirst, double GivenMost) : First(GivenFirst), Most(GivenMost) {}
		void Clear() { Pause = 0; }
		double Next(std::minstd_rand& Random);

	private:
		const double First, Most;
		double Pause = 0;
	};

	/// Hello, resume, nothing twice, nothing of a cut reply. It knows no clock but the seconds it is given, plays nothing,
	/// and belongs to one thread.
	class COMPANIONCORE_API Session final : public ITransportEvents, private IServerMessages
	{
	public:
		static constexpr const char* Subprotocol = "companion.v1.msgpack";
		using Connect = std::function<std::unique_ptr<ITransport>()>;

		Session(Connect GivenConnect, ISessionEvents& GivenEvents);
		~Session() override;
		Session(const Session&) = delete;
		Session& operator=(const Session&) = delete;

		/// The last welcome; its `Version` is 0 before the first.
		const Companion::Welcome& Welcome() const { return Welcomed; }
		Companion::Status Status() const { return Now; }
		bool IsViewer() const { return Settings.Hello.Viewer; }
		const Companion::Fault& Why() const { return Reason; }
		/// The last turn that the server began, and the last seq received.
		int64_t Turn() const { return Admitted.Turn; }
		int64_t Seq() const { return Admitted.Seq; }
		/// Round trip of the last ping, s; below 0 before the first.
		double RoundTrip() const { return Trip; }
		/// Messages that were dropped because the queue of a lost connection was full.
		int Dropped() const { return DroppedCount; }

		/// Opens a conversation with these settings; nothing happens while one goes on, but a waiting one begins anew.
		void Open(const SessionSettings& Given, double At);
		/// Time passes: resume, give up, ping. `Dry`: a turn has begun and not ended, and nothing of it waits to be played.
		void Tick(double At, bool Dry);
		/// The network has just come back: try now instead of after the pause, and drop an attempt that hangs.
		void Hurry(double At);
		/// Takes the connection for lost; it is mended.
		void Sever();
		/// Ends the session for good.
		void Close();
		/// The token that was asked for; "" when there is none to be had.
		void GiveToken(uint32_t Ticket, const std::string& Token);
		/// What the sessions that follow by themselves say of the memory.
		void Consent(bool Agreed) { Settings.Hello.Memory = Agreed ? "on" : "off"; }
		/// Nothing more of turns up to this one is passed on.
		void Forget(int64_t Turn) { Admitted.Forget(Turn); }
		/// The server sends more than can be held.
		void Unpaced();

		/// Where a message is written: clear and filled by the caller, then sent.
		Writer& Blank();
		/// Sends what was written; it waits while the connection is being mended.
		void SendKept();
		/// Sends what was written, or nothing while there is no connection.
		void SendNow();

		void OnOpened(ITransport& From) override;
		void OnReceived(ITransport& From, const uint8_t* Data, size_t Size) override;
		void OnClosed(ITransport& From, int Code, std::string_view Text) override;

	private:
		void OnWelcome(const Companion::Welcome& Given) override;
		void OnState(State Given, int64_t Of) override;
		void OnTranscript(const Transcript& Given) override;
		void OnReplyStart(int64_t Of, int64_t Number, int64_t Utterance, std::string_view Companion) override;
		void OnWord(const Word& Given) override;
		void OnMedia(const Media& Given) override;
		void OnCue(const Cue& Given) override;
		void OnToolCall(ToolCall Given) override;
		void OnInterrupted(int64_t Of, int64_t Number, int64_t Pts) override;
		void OnReplyEnd(const ReplyEnd& Given) override;
		void OnIdentity(const Companion::Identity& Given) override;
		void OnMemory(const MemoryAnswer& Given) override;
		void OnRoom(const RoomState& Given) override;
		void OnSaid(const Said& Given) override;
		void OnError(const ServerError& Given) override;
		void OnPong(double Stamp, double Server) override;

		void Closed(int Code, const std::string& Text);
		void Mend();
		void Leave();
		void End(const Fault& Why);
		void Finish(const Fault& Why);
		void Retry();
		void Begin();
		void Dial();
		void KeepAlive(bool Dry);
		void Retire();
		void Tell(Companion::Status Given, const Fault& Why);

		static constexpr size_t MostQueued = 64; // messages that wait for a lost connection
		static constexpr double Never = std::numeric_limits<double>::infinity();

		const Connect MakeTransport;
		ISessionEvents& Events;
		SessionSettings Settings;
		Writer Out;
		std::vector<std::vector<uint8_t>> Queue;
		std::minstd_rand Random;
		Backoff Mending{0.25, 4}, Trying{1, 30};
		Admission Admitted;
		std::unique_ptr<ITransport> Transport;
		std::vector<std::unique_ptr<ITransport>> Retired; // until the next tick: one may be in the middle of a call
		Companion::Welcome Welcomed;
		Companion::Status Now = Companion::Status::Idle;
		Companion::Fault Reason;
		ServerError Fatal;
		bool IsWelcomed = false, HasWelcome = false, HasFatal = false, Heard = false, Pinged = false, HasClosed = false, Lost = false;
		int ClosedCode = 0, DroppedCount = 0;
		std::string ClosedText;
		uint32_t Ticket = 0;
		bool TokenDue = false;
		double At = 0, Deadline = 0, RetryAt = Never, LostAt = 0, HeardAt = 0, PingAt = 0, Trip = -1;
	};
}
