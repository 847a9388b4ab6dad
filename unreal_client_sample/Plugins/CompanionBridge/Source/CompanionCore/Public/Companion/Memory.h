// What is remembered of the user: asked for, told, forgotten, and carried in the game's own save.
#pragma once

#include "Companion/Value.h"

#include <string>
#include <vector>

namespace Companion
{
	/// What is asked: that the user agrees to be remembered, or no longer does (which deletes nothing); what is remembered; to
	/// delete some facts or everything; a blob for the game's own save, and to take one back.
	enum class MemoryOp : uint8_t { Agree, Refuse, Tell, Forget, Erase, Export, Import };

	/// Something that is remembered of the user, as a sentence to them.
	struct MemoryFact
	{
		int64_t Id = 0;
		/// name, pet, favourite, promise ...; there may be new ones.
		std::string Kind, Text;
		/// When it was said last, ISO 8601; empty: not known.
		std::string Day;
	};

	/// The server's answer.
	struct MemoryAnswer
	{
		MemoryOp Op = MemoryOp::Tell;
		/// Whether the user is remembered now.
		bool On = false;
		/// Of Tell: what is remembered, what matters most first, and what earlier sessions were about, the newest first.
		std::vector<MemoryFact> Facts;
		std::vector<std::string> Episodes;
		/// Of Forget, Erase, Import: how many facts it was.
		int64_t Count = 0;
		/// Of Export: at most `MostMemoryBytes`, signed; kept as they are.
		std::vector<uint8_t> Blob;
	};

	constexpr size_t MostMemoryBytes = 65536, MostForgotten = 64;

	/// Reads an answer from the map of its message; the reader fails where it is none.
	COMPANIONCORE_API MemoryAnswer ReadMemory(const Value& Map, Reader& From);
	/// `Facts` are to be forgotten, `Blob` is taken back.
	COMPANIONCORE_API void WriteMemory(Writer& To, MemoryOp Op, const std::vector<int64_t>& Facts = {}, const std::vector<uint8_t>& Blob = {});
}
