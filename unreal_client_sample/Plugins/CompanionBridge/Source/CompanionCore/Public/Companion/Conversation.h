// A whole client.
#pragma once

#include "Companion/Ear.h"
#include "Companion/Scene.h"
#include "Companion/Session.h"
#include "Companion/Together.h"

namespace Companion
{
	/// What a game may want to know; called on the thread that calls `Pump` and `Update`. Do nothing, by default.
	class IConversationEvents
	{
	public:
		virtual ~IConversationEvents() = default;
		virtual void OnStatus(Status, const Fault&) {}
		virtual void OnWelcome(const Welcome&) {}
		virtual void OnState(State) {}
		virtual void OnTranscript(const Transcript&) {}
		/// A turn began or ended to be heard, a word or a cue fell due.
		virtual void OnHeard(const Heard&) {}
		virtual void OnReplyEnd(const ReplyEnd&) {}
		virtual void OnIdentity(const Identity&) {}
		/// Run a tool and answer with `AnswerTool`; `OnToolOver`: nobody waits for it any more.
		virtual void OnTool(int64_t, const std::string&, const Value&) {}
		virtual void OnToolOver(int64_t) {}
		virtual void OnMemory(const MemoryAnswer&) {}
		/// Of a conversation whose `Hello` has a room: how it is now, and what others in it say.
		virtual void OnRoom(const RoomState&) {}
		virtual void OnSaid(const Said&) {}
		/// Another companion of a room begins to be heard, by its `RoomCompanion::Key`; empty: nobody is heard any more.
		virtual void OnFloor(const std::string&) {}
		virtual void OnError(const ServerError&) {}
	};

	/// Tells the server where the playhead is: every 200 ms while a turn plays, and when it ended or was dropped. What is told
	/// is what is heard, the latency of the output taken off.
	class Reporter
	{
	public:
		Reporter(Session& GivenSession, Voice& GivenVoice) : To(GivenSession), Of(GivenVoice) {}
		/// The connection was mended: report at once.
		void Soon() { AtOnce = true; }
		void Step(double Now);

	private:
		void Clear();
		void Report(int64_t Turn, int64_t Pts, double Now);

		Session& To;
		Voice& Of;
		Fifo<Point> Pending;
		Playout* Seen = nullptr;
		double Due = 0;
		int64_t LastTurn = 0, LastPts = 0;
		bool AtOnce = false;
	};

	/// Blinks of one's own for a face that nobody animates: every 2 to 6 s, 60 ms to close, 110 ms to open.
	class COMPANIONCORE_API Blinks
	{
	public:
		explicit Blinks(uint32_t Seed) : Random(Seed == 0 ? 1 : Seed) { Until = Pause(); }
		/// Goes on by so many seconds; how far the lids are closed, 0..1.
		float Step(double Seconds);

	private:
		double Share() { return double(Random() - std::minstd_rand::min()) / double(std::minstd_rand::max() - std::minstd_rand::min()); }
		double Pause();

		std::minstd_rand Random;
		double Until = 0, Since = 1e9;
	};

	/// The session, the voice, what is heard and seen, the ear, tools and the scene. Everything but `Fill` (the sound
	/// output's thread) belongs to one thread. Time is the seconds that are passed in, of one clock for both.
	class COMPANIONCORE_API Conversation final : private ISessionEvents, private IEarSink, private Tools::IListener
	{
	public:
		/// `GivenClock` tells the seconds also between two calls of `Pump`, for rooms; none: as they were passed in last.
		Conversation(Session::Connect Connect, IConversationEvents& GivenEvents, IAirTap* GivenTap = nullptr, double (*GivenClock)() = nullptr);
		~Conversation() override;

		void Open(const SessionSettings& Given, double Now);
		/// Ends the conversation for good.
		void Close();
		/// Keeps the connection and the reports going; 10 times a second or more, also while the game is paused.
		void Pump(double Now);
		/// One frame: tells what fell due, and brings the face to what is heard at `Now`.
		void Update(double Now);
		/// The next samples of the voice, mono, for a mixer that asks at `Now`; on its own thread.
		void Fill(float* Mono, size_t Count, double Now) { Output.Fill(Mono, Count, Now); }
		/// The weights of the face at `Now`, in the order of `Format().Names`; where nobody animates it, it blinks.
		void Weights(double Now, float* Into);

		/// Typed words; what is being said stops at once. False when they are empty or too long for the server.
		/// In a room `To` is the companion that it is for; empty: whom it addresses.
		bool Say(std::string_view Text, std::string_view To = {});
		/// Asks in private, in a room: the companion answers you alone, with an `OnSaid`. False outside of rooms, and as `Say`.
		bool AskPrivately(std::string_view Text, std::string_view To = {});
		/// Stops what is being said, here and at once, and tells the server where. False when nothing was.
		bool Stop();
		/// The key to talk went down or up.
		void PressTalk(bool Down);
		bool SetState(const std::string& Key, const std::string& Given) { return Scene.Set(Key, Given, NowAt); }
		void Happened(const std::string& Sentence, Respond Wish = Respond::Silent) { Scene.Happened(Sentence, Wish, NowAt); }
		/// Offers a tool; a sentence when it cannot be offered, "" when all is well.
		std::string AddTool(const std::string& Name, const std::string& Description, const std::string& Schema);
		bool RemoveTool(const std::string& Name);
		/// The faces that the game's own camera sees; nothing is sent to a server that does not heed them.
		void See(const std::vector<SeenFace>& Faces);
		bool AnswerTool(int64_t Call, ToolStatus Status, std::string_view Given) { return Hands.Answer(Call, Status, Given); }

		/// Whether the server can remember users, and answers what is asked about it.
		bool HasMemory() const { return !Talk.IsViewer() && Talk.Welcome().Has("memory"); }
		/// Asks about the memory; `OnMemory` follows. Of Forget and Import the methods below. False when the server has none.
		bool AskMemory(MemoryOp Op);
		/// Has up to `MostForgotten` facts deleted for good. False when the server has no memory, or there are none or too many.
		bool ForgetFacts(const std::vector<int64_t>& Facts);
		/// Gives back what was exported, unchanged. False when the server has no memory, or it cannot be what was exported.
		bool ImportMemory(const std::vector<uint8_t>& Blob);

		/// Does something in the room beside speaking; `OnRoom` follows. False outside of a room, or without whom to give the word.
		bool DoInRoom(RoomOp Op, std::string_view To = {});

		Session& Line() { return Talk; }
		Voice& Sound() { return Output; }
		Ear& Hearing() { return Listening; }
		Companion::Subtitles& Words() { return Texts; }
		Timeline& Face() { return *Shown; }
		const FaceFormat& Format() const { return Shown->Format(); }
		State Doing() const { return NowState; }

	private:
		void OnStatus(Status Given, const Fault& Why) override;
		void OnSettled() override;
		void OnWelcome(const Welcome& Given) override;
		void OnState(State Given, int64_t Turn) override;
		void OnTranscript(const Transcript& Given) override;
		void OnReplyStart(int64_t Turn, int64_t Seq, int64_t Utterance, std::string_view Companion) override;
		void OnWord(const Word& Given) override;
		void OnMedia(const Media& Given) override;
		void OnCue(const Cue& Given) override;
		void OnToolCall(ToolCall Given) override;
		void OnInterrupted(int64_t Turn, int64_t Seq, int64_t Pts) override;
		void OnReplyEnd(const ReplyEnd& Given) override;
		void OnIdentity(const Identity& Given) override;
		void OnMemory(const MemoryAnswer& Given) override;
		void OnRoom(const RoomState& Given) override;
		void OnSaid(const Said& Given) override;
		void OnError(const ServerError& Given) override;
		void OnPong(double Stamp, double Server) override;
		void OnMic(int64_t Pts, const uint8_t* Data, size_t Size) override;
		void OnTalk(bool On, int64_t Pts) override;
		void OnTool(int64_t Call, const std::string& Name, const Value& Arguments) override;
		void OnToolOver(int64_t Call) override;
		void OnToolAnswer(int64_t Call, ToolStatus Status, std::string_view Given) override;

		void Begin(const Welcome& Given);
		Playout& PlayoutAt(int Rate, double Lead);
		void Held(bool Room);
		void Become(State Given);
		bool Fits(std::string_view Text) const;
		void Floors(const std::string& Companion);
		void SendTools();

		bool InRoom = false, Shared = false;
		double (*const Clock)();
		Together Beat;
		std::vector<std::pair<int64_t, std::string>> Whose; // companions of turns that are not heard yet, of all but "main"
		std::string Floor; // who is heard
		IConversationEvents& Events;
		IAirTap* const Tap;
		Session Talk;
		Voice Output;
		Reporter Reports{Talk, Output};
		Ear Listening{*this};
		Tools Hands{*this};
		SceneContext Scene;
		SceneContext::Sender SendScene; // made once: a frame allocates nothing
		Companion::Subtitles Texts;
		Blinks Lids{1};
		// One for each rate that a server has had: the sound output may still be reading the last.
		std::vector<std::unique_ptr<Playout>> Playouts;
		Playout* Playing = nullptr;
		std::unique_ptr<Timeline> Shown;
		State NowState = State::Idle;
		double NowAt = 0, BlinkedAt = 0;
		int64_t Unfinished = 0; // the turn that has begun and not ended
		bool Dry = false;
	};
}
