#include "Companion/Memory.h"

#include <algorithm>

namespace Companion
{
	namespace
	{
		constexpr std::string_view Names[] = {"agree", "refuse", "tell", "forget", "erase", "export", "import"};
		constexpr size_t MostFacts = 4096; // that are kept of one answer

		bool Either(const Value& Field, WireType Kind) { return Field.IsNil() || Field.Type() == Kind; }
	}

	MemoryAnswer ReadMemory(const Value& Map, Reader& From)
	{
		MemoryAnswer Made;
		const auto Known = std::find(std::begin(Names), std::end(Names), Map["op"].AsString());
		const bool Right = Map["op"].Type() == WireType::String && Known != std::end(Names) && Map["on"].Type() == WireType::Bool && Either(Map["facts"], WireType::List)
			&& Either(Map["episodes"], WireType::List) && Either(Map["count"], WireType::Int) && Map["count"].AsInt() >= 0 && Either(Map["blob"], WireType::Bytes);
		if (!Right)
		{
			From.Fail("memory lacks a field, or has one of another type");
			return Made;
		}
		Made.Op = MemoryOp(Known - std::begin(Names));
		Made.On = Map["on"].AsBool();
		Made.Count = Map["count"].AsInt();
		const std::string& Blob = Map["blob"].AsString();
		Made.Blob.assign(Blob.begin(), Blob.end());
		for (const Value& Each : Map["facts"].Items())
		{
			if (Each["id"].AsInt() < 1 || Each["kind"].Type() != WireType::String || Each["text"].Type() != WireType::String) From.Fail("a fact lacks id, kind or text");
			if (Made.Facts.size() < MostFacts) Made.Facts.push_back({Each["id"].AsInt(), Each["kind"].AsString(), Each["text"].AsString(), Each["day"].AsString()});
		}
		for (const Value& Each : Map["episodes"].Items())
		{
			if (Each.Type() != WireType::String) From.Fail("an episode is not a string");
			if (Made.Episodes.size() < MostFacts) Made.Episodes.push_back(Each.AsString());
		}
		return Made;
	}

	void WriteMemory(Writer& To, MemoryOp Op, const std::vector<int64_t>& Facts, const std::vector<uint8_t>& Blob)
	{
		const size_t Map = To.Begin();
		To.Field(Map, "type").String("memory");
		To.Field(Map, "op").String(Names[size_t(Op)]);
		if (!Facts.empty())
		{
			To.Field(Map, "facts").List(Facts.size());
			for (const int64_t Each : Facts) To.Int(Each);
		}
		if (!Blob.empty()) To.Field(Map, "blob").Binary(Blob.data(), Blob.size());
	}
}
