// What travels: the server's messages as they are read, and the client's as they are written.
#pragma once

#include "Companion/Memory.h"
#include "Companion/Room.h"

#include <string>
#include <vector>

namespace Companion
{
	/// What the companion is doing, as the server sees it.
	enum class State : uint8_t { Idle, Listening, Thinking, Speaking, Overlap };

	/// How the face knows the sounds: from the synthesizer, from text and audio, from audio alone, or not at all.
	enum class FaceSource : uint8_t { None, Exact, Aligned, Audio };

	/// Why a reply ended; Interrupted is this client's own word for a turn that was cut.
	enum class EndReason : uint8_t { Complete, Failed, TooLong, Cut, Interrupted };

	/// Whether the companion is to say something about what happened.
	enum class Respond : uint8_t { Silent, Auto, Must };

	/// What came of a tool.
	enum class ToolStatus : uint8_t { Ok, Failed, Cancelled };

	/// How face frames are coded: channel names in the order of their bytes, each with its range.
	struct COMPANIONCORE_API FaceFormat
	{
		std::string Profile = "none";
		int Fps = 60;
		std::vector<std::string> Names;
		std::vector<double> Low, High;

		/// Channels, and bytes of a frame.
		size_t Width() const { return Names.size(); }
		float Weight(size_t Channel, double Octet) const { return float(Low[Channel] + (High[Channel] - Low[Channel]) * Octet / 255); }
		/// Index of a channel, or -1.
		int IndexOf(std::string_view Name) const;
		bool operator==(const FaceFormat& Other) const { return Fps == Other.Fps && Names == Other.Names && Low == Other.Low && High == Other.High; }
	};

	/// Somebody that the companion is, or can be.
	struct Identity
	{
		std::string Id, Name, Description, Language, Locale, Disclosure, Portrait, Head;
		std::vector<std::string> Languages, Voices;
		bool Draft = false;
	};

	/// The server's answer to hello: who speaks, how media is coded, what may be used.
	struct COMPANIONCORE_API Welcome
	{
		int Version = 0;
		std::string Server, Session, Watch, Reason, Notice;
		/// Secret that resumes the session; never logged.
		std::string Token;
		/// Whether this user is remembered from session to session.
		bool Memory = false;
		bool Resumed = false;
		int64_t Seq = 0;
		double ResumeSeconds = 0;
		int LeadMs = 300;
		int Rate = 24000;
		FaceFormat Face;
		Companion::Identity Identity;
		std::vector<Companion::Identity> Identities;
		/// The language model that answers, and those that `Hello::Model` may ask for; empty: there is no choice.
		std::string Model;
		std::vector<std::string> Models;
		std::vector<std::pair<std::string, std::string>> Engines;
		int64_t MessageBytes = 0, TextChars = 0, MessagesPerSecond = 0;
		double IdleSeconds = 0;
		std::vector<std::string> Features;

		bool Has(std::string_view Feature) const;
	};

	struct Transcript
	{
		int64_t Utterance = 0, Seq = 0;
		std::string_view Text;
		bool Final = false;
	};

	/// A spoken word with its place on the turn's clock, in ticks, and what is written before it.
	struct Word
	{
		int64_t Turn = 0, Seq = 0, Pts = 0, End = 0;
		std::string_view Text, Gap = " ";
	};

	/// Speech and the face frames that begin in it; the bytes are valid only while the message is handled.
	struct Media
	{
		int64_t Turn = 0, Seq = 0, Pts = 0, FacePts = 0;
		Segment Pcm, Face;
		FaceSource Source = FaceSource::None;
		/// In a room: when `Pts` is heard by everybody, ms of the server's clock; 0: as soon as the buffer allows.
		double At = 0;
	};

	struct Cue
	{
		int64_t Turn = 0, Seq = 0, Pts = 0;
		bool Emotion = false;
		std::string_view Name;
		float Intensity = 1;
	};

	struct ToolCall
	{
		int64_t Turn = 0, Seq = 0, Call = 0;
		std::string Name;
		/// Made by a language model: checked against the tool's schema before the game sees them.
		Value Arguments;
		int64_t TimeoutMs = 10000;
	};

	/// A passage of the companion's own sources that a reply rests on.
	struct Passage
	{
		std::string Title, File, Quote;
		int64_t Page = 0;
	};

	struct ReplyEnd
	{
		int64_t Turn = 0, Seq = 0, Pts = 0;
		std::string_view Text;
		EndReason Reason = EndReason::Complete;
		std::vector<Passage> Sources;
	};

	struct ServerError
	{
		std::string Code, Message;
		bool Fatal = false;
		int64_t Turn = 0;
		/// Seconds after which it is worth coming back; 0 when the server did not say.
		double RetryAfter = 0;
	};

	/// Takes the messages of a server, one method for each type. Text and bytes are valid during the call.
	class IServerMessages
	{
	public:
		virtual ~IServerMessages() = default;
		virtual void OnWelcome(const Welcome& Given) = 0;
		virtual void OnState(State Now, int64_t Turn) = 0;
		virtual void OnTranscript(const Transcript& Given) = 0;
		/// `Companion` is whose turn it is, "main" but in rooms with several.
		virtual void OnReplyStart(int64_t Turn, int64_t Seq, int64_t Utterance, std::string_view Companion) = 0;
		virtual void OnWord(const Word& Given) = 0;
		virtual void OnMedia(const Media& Given) = 0;
		virtual void OnCue(const Cue& Given) = 0;
		virtual void OnToolCall(ToolCall Given) = 0;
		virtual void OnInterrupted(int64_t Turn, int64_t Seq, int64_t Pts) = 0;
		virtual void OnReplyEnd(const ReplyEnd& Given) = 0;
		/// Who speaks has changed on the server: shown in place of `Welcome::Identity`.
		virtual void OnIdentity(const Identity& Given) = 0;
		virtual void OnMemory(const MemoryAnswer& Given) = 0;
		virtual void OnRoom(const RoomState& Given) = 0;
		virtual void OnSaid(const Said& Given) = 0;
		virtual void OnError(const ServerError& Given) = 0;
		virtual void OnPong(double Stamp, double Server) = 0;
	};

	/// What became of bytes that were to be a message.
	enum class Reading : uint8_t { Taken, Unknown, Broken };

	/// Reads one message and hands it on; unknown types and fields are skipped, media allocates nothing. `Why` says
	/// what is broken.
	COMPANIONCORE_API Reading ReadServerMessage(const uint8_t* Data, size_t Size, IServerMessages& Sink, std::string& Why);

	/// What a client says about itself when it connects; fields at their defaults are left out.
	struct Hello
	{
		std::string Client, Companion = "main", Identity, Voice;
		/// The language model that is to answer, one of `Welcome::Models`; empty: the server's.
		std::string Model;
		bool Viewer = false;
		/// Access token, where the server asks for one; never logged.
		std::string Token;
		/// Viewers: the session to see, and its `Welcome::Watch`.
		std::string WatchSession, WatchToken;
		std::vector<std::string> Codecs = {"pcm_s16le"};
		/// True only if the microphone does not hear the loudspeaker.
		bool EchoCancelled = false;
		/// How far ahead of the playhead to be kept, 100 to 2000 ms; 0: as the server likes.
		int LeadMs = 0;
		std::string FaceProfile = "arkit52";
		int FaceFps = 60;
		std::string Language, User;
		bool Greet = false;
		/// "on": the user agrees to be remembered; "off": does not; empty: as it was. Ask them first.
		std::string Memory;
		std::vector<std::string> Features;
		/// The room to enter, and what keeps others out of it; empty: a conversation of your own. Whoever comes first opens it.
		std::string Room, RoomKey;
		/// What whoever opens it says of it: talk, meeting or class; who is in the cast (nobody: `Identity`); what a meeting is about.
		std::string RoomKind = "talk";
		std::vector<CastMember> RoomCast;
		std::vector<AgendaItem> RoomAgenda;
		/// The channels of `SeenFace::Weights` in order, ARKit names; empty: the client sees no faces.
		std::vector<std::string> SeenNames;
	};

	/// A face that the client's own camera sees, as numbers. Directions are as in a mirror: right as the user sees it, and up.
	struct SeenFace
	{
		/// The client's number for this face, from 1, the same as long as it is followed.
		int64_t Id = 1;
		/// False: this one has gone.
		bool Present = true;
		/// One byte for each of `Hello::SeenNames`, 255 times the weight; empty: not known.
		std::vector<uint8_t> Weights;
		/// The head towards the camera, degrees: to its own left, up, to its own right.
		double Yaw = 0, Pitch = 0, Roll = 0;
		/// Where the eyes look from the companion's place on the screen, -1 to 1, 1 is 45 degrees.
		bool HasGaze = false;
		double GazeX = 0, GazeY = 0;
		/// Where the middle of the face is in the picture, -1 to 1, 1 is the edge.
		bool HasPlace = false;
		double PlaceX = 0, PlaceY = 0;
		/// Height of the face by the height of the picture, 0 to 1; 0: not known.
		double Size = 0;
	};

	/// A tool as the companion is told of it; `Parameters` is a JSON Schema.
	struct ToolSpec
	{
		std::string Name, Description;
		Value Parameters;
	};

	using States = std::vector<std::pair<std::string, std::string>>;

	COMPANIONCORE_API void WriteHello(Writer& To, const Hello& Given, std::string_view Session = {}, std::string_view Secret = {}, int64_t Seq = 0);
	/// 10 to 60 ms of s16le mono at 16 kHz, from sample `Pts` since the microphone opened.
	COMPANIONCORE_API void WriteMic(Writer& To, int64_t Pts, const uint8_t* Data, size_t Size);
	COMPANIONCORE_API void WriteTalk(Writer& To, bool On, int64_t Pts);
	/// `Companion`: whom it is for, "" whoever it addresses. `Private`: in a room, for the companion alone, which answers alone.
	COMPANIONCORE_API void WriteText(Writer& To, std::string_view Text, std::string_view Companion = {}, bool Private = false);
	COMPANIONCORE_API void WritePlayhead(Writer& To, int64_t Turn, int64_t Pts, int64_t Seq);
	/// Cuts a reply (0: whichever runs), heard up to `Pts` (below 0: not known).
	COMPANIONCORE_API void WriteInterrupt(Writer& To, int64_t Turn, int64_t Pts);
	COMPANIONCORE_API void WriteContext(Writer& To, const States& Given, const std::vector<std::string>& Events, Respond Wish);
	COMPANIONCORE_API void WriteTools(Writer& To, const std::vector<ToolSpec>& Tools);
	COMPANIONCORE_API void WriteToolResult(Writer& To, int64_t Call, ToolStatus Status, std::string_view Value);
	/// The faces that are seen now, at most four, 10 to 30 times a second; none: nobody is there.
	COMPANIONCORE_API void WriteSeen(Writer& To, const std::vector<SeenFace>& Faces);
	/// A picture of the user, `Format` is jpeg, png or webp; `Call` is the tool call that asked for it, 0: none.
	COMPANIONCORE_API void WriteCamera(Writer& To, const uint8_t* Data, size_t Size, std::string_view Format = "jpeg", int64_t Call = 0);
	COMPANIONCORE_API void WritePing(Writer& To, double Stamp);
	COMPANIONCORE_API void WriteBye(Writer& To);
}
