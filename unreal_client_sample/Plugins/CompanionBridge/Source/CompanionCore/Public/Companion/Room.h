// Rooms: who is in one, what a meeting is at, what others say, and what somebody does there beside speaking.
#pragma once

#include "Companion/Value.h"

#include <string>
#include <vector>

namespace Companion
{
	/// Raise a hand or take it down; as a host give the word, go on to the next item, end the meeting; ask for the minutes.
	enum class RoomOp : uint8_t { Hand, Lower, Give, Next, Minutes, End };

	/// Somebody in a room. `Name` is theirs alone there.
	struct RoomPerson
	{
		std::string Name;
		bool Host = false, Hand = false;
		/// False: their connection is lost and may come back.
		bool Here = true;
	};

	/// One of its companions; `Key` is what messages about it call it.
	struct RoomCompanion
	{
		std::string Key = "main", Id, Name, Disclosure;
		/// Where it stands in the scene, metres.
		bool HasPlace = false;
		double Right = 0, Up = 0, Forward = 0;
	};

	/// Something that a meeting is about; `Minutes` 0: as long as it takes.
	struct AgendaItem
	{
		std::string Title;
		double Minutes = 0, SpentSeconds = 0;
	};

	/// Who is to be in a room that is opened: an `Id` and a voice of `Welcome::Identities`, "" as the server has them.
	struct CastMember
	{
		std::string Companion = "main", Identity, Voice;
		/// Where it stands in the scene, metres.
		bool HasPlace = false;
		double Right = 0, Up = 0, Forward = 0;
	};

	/// A room as it is now.
	struct RoomState
	{
		/// `You`: what you are called there. `Kind`: talk, meeting or class.
		std::string Name, You, Kind = "talk";
		/// In the order in which they came.
		std::vector<RoomPerson> People;
		std::vector<RoomCompanion> Companions;
		std::vector<AgendaItem> Agenda;
		/// Where in the agenda the meeting is, counted from 1; 0: it has not begun, or is over.
		int64_t Item = 0;
		/// Who was given the word; empty: nobody. The minutes so far, Markdown; empty unless asked for, or at the end.
		std::string Word, Minutes;
	};

	/// What somebody else in the room has said or typed; `Private`: a companion's answer to you alone.
	struct Said
	{
		int64_t Seq = 0;
		std::string By, Text;
		bool Private = false;
	};

	/// Reads them from the map of the message; the reader fails where it is none.
	COMPANIONCORE_API RoomState ReadRoom(const Value& Map, Reader& From);
	COMPANIONCORE_API Said ReadSaid(const Value& Map, Reader& From);
	/// What whoever opens a room says of it, into the map of `hello.room`; at their defaults nothing.
	COMPANIONCORE_API void WriteOpening(Writer& Out, size_t Map, std::string_view Kind, const std::vector<CastMember>& Cast, const std::vector<AgendaItem>& Agenda);
	/// `To` gets the word.
	COMPANIONCORE_API void WriteRoom(Writer& Out, RoomOp Op, std::string_view To = {});
}
