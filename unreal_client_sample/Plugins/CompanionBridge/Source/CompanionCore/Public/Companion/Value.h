// A value of the protocol as a tree: arguments of tools, their schemas, a welcome. Not for media.
#pragma once

#include "Companion/Wire.h"

#include <string>
#include <utility>
#include <vector>

namespace Companion
{
	/// A value that owns what it holds. A missing field is nil, and asking it for anything gives the default.
	class COMPANIONCORE_API Value
	{
	public:
		static constexpr int MostDepth = 32;
		/// Of one map: fields are looked for one by one.
		static constexpr size_t MostFields = 1024;

		Value() = default;
		static Value OfBool(bool Given);
		static Value OfInt(int64_t Given);
		static Value OfFloat(double Given);
		static Value OfString(std::string_view Given);
		static Value OfBytes(const uint8_t* Data, size_t Size);
		static Value OfList();
		static Value OfMap();

		/// Reads the next value; deeper than `MostDepth` is an error of the reader.
		static Value Read(Reader& From);
		/// Reads JSON; false with a sentence when it is none.
		static bool ParseJson(std::string_view Text, Value& Into, std::string& Why);

		WireType Type() const { return Kind; }
		bool IsNil() const { return Kind == WireType::Nil; }
		bool IsNumber() const { return Kind == WireType::Int || Kind == WireType::Float; }
		bool AsBool() const { return Kind == WireType::Bool && Number != 0; }
		int64_t AsInt(int64_t Otherwise = 0) const { return Kind == WireType::Int ? Number : Otherwise; }
		double AsFloat(double Otherwise = 0) const { return Kind == WireType::Float ? Real : Kind == WireType::Int ? double(Number) : Otherwise; }
		/// Characters of a string, or bytes.
		const std::string& AsString() const { return Words; }
		const std::vector<Value>& Items() const { return List; }
		const std::vector<std::pair<std::string, Value>>& Fields() const { return Map; }
		const Value& operator[](std::string_view Name) const;
		bool Has(std::string_view Name) const;

		Value& Add(Value Item);
		Value& Set(std::string_view Name, Value Given);
		void Remove(std::string_view Name);

		/// Equal by value: the order of fields means nothing, and an int is as good as a float.
		bool Same(const Value& Other) const;
		void Write(Writer& To) const;
		/// JSON; bytes are base64.
		std::string Json() const;
		/// How deep it nests; a plain value is 0.
		int Depth() const;

	private:
		static Value ReadAt(Reader& From, int Depth);

		WireType Kind = WireType::Nil;
		int64_t Number = 0;
		double Real = 0;
		std::string Words;
		std::vector<Value> List;
		std::vector<std::pair<std::string, Value>> Map;
	};

	COMPANIONCORE_API std::string Base64(const uint8_t* Data, size_t Size);
}
