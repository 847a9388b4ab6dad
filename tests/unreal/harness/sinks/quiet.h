// A sink of the server's messages that only counts what it is given.
#pragma once

#include "line.h"

namespace Harness
{
	class Quiet final : public IServerMessages
	{
	public:
		size_t Bytes = 0;

		void OnWelcome(const Welcome&) override {}
		void OnState(State, int64_t) override {}
		void OnTranscript(const Transcript&) override {}
		void OnReplyStart(int64_t, int64_t, int64_t, std::string_view) override {}
		void OnWord(const Word&) override {}
		void OnMedia(const Media& Given) override { Bytes += Given.Pcm.Size + Given.Face.Size; }
		void OnCue(const Cue&) override {}
		void OnToolCall(ToolCall) override {}
		void OnInterrupted(int64_t, int64_t, int64_t) override {}
		void OnReplyEnd(const ReplyEnd&) override {}
		void OnIdentity(const Identity&) override {}
		void OnMemory(const MemoryAnswer&) override {}
		void OnRoom(const RoomState&) override {}
		void OnSaid(const Said&) override {}
		void OnError(const ServerError&) override {}
		void OnPong(double, double) override {}
	};
}
