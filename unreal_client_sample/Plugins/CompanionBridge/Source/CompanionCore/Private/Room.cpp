#include "Companion/Room.h"

namespace Companion
{
	namespace
	{
		constexpr std::string_view Ops[] = {"hand", "lower", "give", "next", "minutes", "end"};
		constexpr size_t Most = 1024; // of each list that are kept
		constexpr size_t MostCast = 8, MostAgenda = 32; // that a room may have; the rest is not sent

		std::string Needed(const Value& Map, std::string_view Name, Reader& From)
		{
			if (Map[Name].Type() != WireType::String) From.Fail("a room lacks a string");
			return Map[Name].AsString();
		}

		std::string Words(const Value& Map, std::string_view Name, Reader& From, std::string Otherwise = {})
		{
			return Map.Has(Name) ? Needed(Map, Name, From) : Otherwise;
		}

		bool Flag(const Value& Map, std::string_view Name, bool Otherwise, Reader& From)
		{
			if (!Map.Has(Name)) return Otherwise;
			if (Map[Name].Type() != WireType::Bool) From.Fail("a field of a room is not true or false");
			return Map[Name].AsBool();
		}

		double Real(const Value& Map, std::string_view Name, Reader& From)
		{
			if (!Map.Has(Name)) return 0;
			if (!Map[Name].IsNumber() || !(Map[Name].AsFloat() >= 0)) From.Fail("a field of a room is not a number");
			return Map[Name].AsFloat();
		}

		template <typename Each>
		void Through(const Value& Map, std::string_view Name, Reader& From, Each Take)
		{
			if (!Map.Has(Name)) return;
			if (Map[Name].Type() != WireType::List) From.Fail("a field of a room is not a list");
			size_t Taken = 0;
			for (const Value& Item : Map[Name].Items())
			{
				if (Item.Type() != WireType::Map) From.Fail("a list of a room holds what is not a map");
				if (Taken++ < Most) Take(Item);
			}
		}

		RoomCompanion ReadCompanion(const Value& Map, Reader& From)
		{
			RoomCompanion Made;
			Made.Key = Words(Map, "companion", From, "main");
			const Value& Who = Map["identity"];
			if (Who.Type() != WireType::Map) From.Fail("a companion of a room has no identity");
			Made.Id = Words(Who, "id", From);
			Made.Name = Needed(Who, "name", From);
			Made.Disclosure = Words(Who, "disclosure", From);
			const Value& Place = Map["place"];
			if (Place.IsNil()) return Made;
			if (Place.Type() != WireType::List || Place.Items().size() != 3) From.Fail("a companion's place is not three numbers");
			else
			{
				Made.HasPlace = true;
				Made.Right = Place.Items()[0].AsFloat();
				Made.Up = Place.Items()[1].AsFloat();
				Made.Forward = Place.Items()[2].AsFloat();
			}
			return Made;
		}
	}

	RoomState ReadRoom(const Value& Map, Reader& From)
	{
		RoomState Made;
		Made.Name = Needed(Map, "room", From);
		Made.You = Needed(Map, "you", From);
		Made.Kind = Words(Map, "kind", From, "talk");
		Through(Map, "people", From, [&](const Value& Each) { Made.People.push_back({Needed(Each, "name", From), Flag(Each, "host", false, From), Flag(Each, "hand", false, From), Flag(Each, "here", true, From)}); });
		Through(Map, "companions", From, [&](const Value& Each) { Made.Companions.push_back(ReadCompanion(Each, From)); });
		Through(Map, "agenda", From, [&](const Value& Each) { Made.Agenda.push_back({Needed(Each, "title", From), Real(Each, "minutes", From), Real(Each, "spent_s", From)}); });
		if (Map.Has("item") && (Map["item"].Type() != WireType::Int || Map["item"].AsInt() < 0)) From.Fail("room.item does not count");
		Made.Item = Map["item"].AsInt();
		Made.Word = Words(Map, "word", From);
		Made.Minutes = Words(Map, "minutes", From);
		return Made;
	}

	Said ReadSaid(const Value& Map, Reader& From)
	{
		Said Made;
		if (Map["seq"].Type() != WireType::Int || Map["seq"].AsInt() < 0) From.Fail("said has no seq");
		Made.Seq = Map["seq"].AsInt();
		Made.By = Needed(Map, "by", From);
		Made.Text = Needed(Map, "text", From);
		Made.Private = Flag(Map, "private", false, From);
		return Made;
	}

	void WriteOpening(Writer& Out, size_t Map, std::string_view Kind, const std::vector<CastMember>& Cast, const std::vector<AgendaItem>& Agenda)
	{
		const size_t Named = std::min(Cast.size(), MostCast), Listed = std::min(Agenda.size(), MostAgenda);
		if (!Kind.empty() && Kind != "talk") Out.Field(Map, "kind").String(Kind);
		if (Named > 0) Out.Field(Map, "cast").List(Named);
		for (size_t At = 0; At < Named; At++)
		{
			const CastMember& Each = Cast[At];
			const size_t Made = Out.Begin();
			if (!Each.Identity.empty()) Out.Field(Made, "identity").String(Each.Identity);
			if (Each.Companion != "main") Out.Field(Made, "companion").String(Each.Companion);
			if (!Each.Voice.empty()) Out.Field(Made, "voice").String(Each.Voice);
			if (!Each.HasPlace) continue;
			Out.Field(Made, "place").List(3);
			for (const double Way : {Each.Right, Each.Up, Each.Forward}) Out.Float(Way);
		}
		if (Listed > 0) Out.Field(Map, "agenda").List(Listed);
		for (size_t At = 0; At < Listed; At++)
		{
			const size_t Made = Out.Begin();
			Out.Field(Made, "title").String(Agenda[At].Title);
			if (Agenda[At].Minutes > 0) Out.Field(Made, "minutes").Float(Agenda[At].Minutes);
		}
	}

	void WriteRoom(Writer& Out, RoomOp Op, std::string_view To)
	{
		const size_t Map = Out.Begin();
		Out.Field(Map, "type").String("room");
		Out.Field(Map, "op").String(Ops[size_t(Op)]);
		if (!To.empty()) Out.Field(Map, "to").String(To);
	}
}
