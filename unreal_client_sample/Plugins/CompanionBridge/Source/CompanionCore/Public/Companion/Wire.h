// MessagePack as the protocol uses it: no extension types, ints within 2^53, finite floats, UTF-8 strings.
#pragma once

#include "Companion/Base.h"

#include <string>
#include <vector>

namespace Companion
{
	enum class WireType : uint8_t { Nil, Bool, Int, Float, String, Bytes, List, Map };

	/// Reads MessagePack from bytes that stay where they are, and allocates nothing. The first error sticks: from then
	/// on every read gives zeros and nothing moves, so that a caller asks once, at the end.
	/// Source: the MessagePack specification, github.com/msgpack/msgpack/blob/master/spec.md.
	class COMPANIONCORE_API Reader
	{
	public:
		/// Largest magnitude of an int.
		static constexpr int64_t SafeInt = int64_t(1) << 53;

		Reader() = default;
		Reader(const uint8_t* Data, size_t Size) : Begin(Data), At(Data), End(Data + Size) {}

		WireType Peek();
		bool TryNil();
		bool Bool();
		int64_t Int();
		double Float();
		std::string_view String();
		Segment Bytes();
		/// How many items follow; no more than there are bytes, so that no header makes anybody reserve gigabytes.
		uint32_t List();
		/// How many pairs of key and value follow.
		uint32_t Map();
		/// Passes over the next value, whatever it holds; it does not recurse.
		void Skip();

		bool Ok() const { return Error == nullptr; }
		/// What is wrong, for people; null while nothing is.
		const char* Why() const { return Error; }
		void Fail(const char* What);
		bool AtEnd() const { return At >= End; }
		size_t Left() const { return size_t(End - At); }
		size_t Position() const { return size_t(At - Begin); }
		void Seek(size_t Position) { At = Begin + Position; }

	private:
		uint8_t Head();
		uint64_t Big(size_t Size);
		size_t Length(size_t Size);
		uint32_t Items(uint64_t Count, uint64_t Each);
		size_t StringHeader();

		const uint8_t* Begin = nullptr;
		const uint8_t* At = nullptr;
		const uint8_t* End = nullptr;
		const char* Error = nullptr;
	};

	/// Writes MessagePack into a buffer that is used again. Maps are begun, and their fields counted as they come.
	class COMPANIONCORE_API Writer
	{
	public:
		void Clear() { Buffer.clear(); }
		const std::vector<uint8_t>& Bytes() const { return Buffer; }

		/// Begins a map of up to 15 fields; the place that `Field` needs.
		size_t Begin();
		Writer& Field(size_t Map, std::string_view Name);
		void Map(size_t Count);
		void List(size_t Count);
		void Nil();
		void Bool(bool Value);
		void Int(int64_t Value);
		void Float(double Value);
		void String(std::string_view Text);
		void Binary(const uint8_t* Data, size_t Size);

	private:
		void Big(uint64_t Value, int Size);
		void Header(size_t Count, uint8_t Fix, size_t FixMost, uint8_t Wide16);

		std::vector<uint8_t> Buffer;
	};

	/// Whether bytes are UTF-8, without surrogates and over-long forms.
	COMPANIONCORE_API bool IsUtf8(const uint8_t* Data, size_t Size);
}
