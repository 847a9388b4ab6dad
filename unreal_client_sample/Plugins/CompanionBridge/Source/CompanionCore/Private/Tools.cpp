#include "Companion/Scene.h"

#include <cmath>

namespace Companion
{
	namespace
	{
		constexpr size_t MostName = 64, MostDescription = 1024, MostAnswer = 8192;
		constexpr int MostSchemaDepth = 16;

		bool IsName(const std::string& Name)
		{
			if (Name.empty() || Name.size() > MostName) return false;
			for (size_t At = 0; At < Name.size(); At++)
			{
				const char Each = Name[At];
				const bool Letter = (Each >= 'a' && Each <= 'z') || (Each >= 'A' && Each <= 'Z') || Each == '_';
				if (!Letter && (At == 0 || !((Each >= '0' && Each <= '9') || Each == '.' || Each == '-'))) return false;
			}
			return true;
		}

		bool Is(const std::string& Type, const Value& Given)
		{
			if (Type == "object") return Given.Type() == WireType::Map;
			if (Type == "array") return Given.Type() == WireType::List;
			if (Type == "string") return Given.Type() == WireType::String;
			if (Type == "boolean") return Given.Type() == WireType::Bool;
			if (Type == "null") return Given.IsNil();
			if (Type == "number") return Given.IsNumber();
			if (Type == "integer") return Given.IsNumber() && Given.AsFloat() == std::floor(Given.AsFloat());
			return true;
		}

		bool Among(const std::vector<Value>& All, const Value& Given)
		{
			for (const Value& Each : All)
				if (Each.Same(Given)) return true;
			return false;
		}

		std::string CheckList(const Value& Schema, const Value& Given, const std::string& Path)
		{
			const int64_t Count = int64_t(Given.Items().size());
			if (Count < Schema["minItems"].AsInt()) return Path + " has too few items.";
			if (Schema.Has("maxItems") && Count > Schema["maxItems"].AsInt()) return Path + " has too many items.";
			for (size_t At = 0; At < Given.Items().size() && Schema.Has("items"); At++)
			{
				const std::string Wrong = CheckSchema(Schema["items"], Given.Items()[At], Path + "[" + std::to_string(At) + "]");
				if (!Wrong.empty()) return Wrong;
			}
			return {};
		}

		std::string CheckMap(const Value& Schema, const Value& Given, const std::string& Path)
		{
			for (const Value& Each : Schema["required"].Items())
				if (!Given.Has(Each.AsString())) return Path + " lacks " + Each.AsString() + ".";
			const Value& More = Schema["additionalProperties"];
			for (const auto& Each : Given.Fields())
			{
				if (Schema["properties"].Has(Each.first))
				{
					const std::string Wrong = CheckSchema(Schema["properties"][Each.first], Each.second, Each.first);
					if (!Wrong.empty()) return Wrong;
				}
				else if (More.Type() == WireType::Bool && !More.AsBool()) return Path + " may not have " + Each.first + ".";
			}
			return {};
		}
	}

	std::string CheckSchema(const Value& Schema, const Value& Given, const std::string& Path)
	{
		const std::string& Type = Schema["type"].AsString();
		if (!Type.empty() && !Is(Type, Given)) return Path + " must be of type " + Type + ".";
		if (Schema.Has("enum") && !Among(Schema["enum"].Items(), Given)) return Path + " must be one of " + Schema["enum"].Json() + ".";
		if (Given.IsNumber())
		{
			if (Schema.Has("minimum") && Given.AsFloat() < Schema["minimum"].AsFloat()) return Path + " must be at least " + Schema["minimum"].Json() + ".";
			if (Schema.Has("maximum") && Given.AsFloat() > Schema["maximum"].AsFloat()) return Path + " must be at most " + Schema["maximum"].Json() + ".";
		}
		if (Given.Type() == WireType::String)
		{
			const int64_t Length = int64_t(Characters(Given.AsString()));
			if (Length < Schema["minLength"].AsInt()) return Path + " is too short.";
			if (Schema.Has("maxLength") && Length > Schema["maxLength"].AsInt()) return Path + " is too long.";
		}
		if (Given.Type() == WireType::List) return CheckList(Schema, Given, Path);
		return Given.Type() == WireType::Map ? CheckMap(Schema, Given, Path) : std::string();
	}

	std::string Tools::Add(const std::string& Name, const std::string& Description, const std::string& Schema)
	{
		if (!IsName(Name)) return "A tool's name has letters, digits, _ . - and at most 64 characters: " + Name;
		if (Characters(Description) > MostDescription) return "The description of " + Name + " is longer than 1024 characters.";
		ToolSpec Spec{Name, Description, Value::OfMap()};
		std::string Why;
		if (!Schema.empty() && !Value::ParseJson(Schema, Spec.Parameters, Why)) return "The schema of " + Name + " is not JSON: " + Why + ".";
		if (Spec.Parameters.Type() != WireType::Map) return "The schema of " + Name + " is not a map.";
		if (Spec.Parameters.Depth() > MostSchemaDepth) return "The schema of " + Name + " nests deeper than 16.";
		for (ToolSpec& Each : Offered)
			if (Each.Name == Name)
			{
				Each = std::move(Spec);
				return {};
			}
		if (Offered.size() >= MostTools) return "There are 64 tools already.";
		Offered.push_back(std::move(Spec));
		return {};
	}

	bool Tools::Remove(const std::string& Name)
	{
		for (size_t At = 0; At < Offered.size(); At++)
			if (Offered[At].Name == Name)
			{
				Offered.erase(Offered.begin() + ptrdiff_t(At));
				return true;
			}
		return false;
	}

	void Tools::Call(ToolCall Given, double Now)
	{
		for (const Running& Each : Runs)
			if (Each.Call == Given.Call) return;
		const ToolSpec* Spec = nullptr;
		for (const ToolSpec& Each : Offered)
			if (Each.Name == Given.Name) Spec = &Each;
		const std::string Wrong = !Spec ? "There is no tool " + Given.Name + "." : Runs.size() >= MostRunning ? "Too many tools run." : CheckSchema(Spec->Parameters, Given.Arguments);
		if (!Wrong.empty())
		{
			Listener.OnToolAnswer(Given.Call, ToolStatus::Failed, Wrong);
			return;
		}
		Runs.push_back({Given.Call, Given.Turn, Now + double(Given.TimeoutMs) / 1000});
		Listener.OnTool(Given.Call, Given.Name, Given.Arguments);
	}

	bool Tools::Answer(int64_t Call, ToolStatus Status, std::string_view Given)
	{
		for (size_t At = 0; At < Runs.size(); At++)
		{
			if (Runs[At].Call != Call) continue;
			Runs.erase(Runs.begin() + ptrdiff_t(At));
			Listener.OnToolAnswer(Call, Status, Clip(Given, MostAnswer));
			return true;
		}
		return false;
	}

	template <typename Test>
	void Tools::Stop(Test Over)
	{
		std::vector<int64_t> Ended;
		for (size_t At = 0; At < Runs.size();)
		{
			if (!Over(Runs[At]))
			{
				At++;
				continue;
			}
			Ended.push_back(Runs[At].Call);
			Runs.erase(Runs.begin() + ptrdiff_t(At));
		}
		for (const int64_t Each : Ended)
		{
			Listener.OnToolAnswer(Each, ToolStatus::Cancelled, {});
			Listener.OnToolOver(Each);
		}
	}

	void Tools::Step(double Now)
	{
		if (!Runs.empty()) Stop([Now](const Running& Each) { return Now > Each.Deadline; });
	}

	void Tools::Interrupted(int64_t Turn)
	{
		if (!Runs.empty()) Stop([Turn](const Running& Each) { return Each.Turn <= Turn; });
	}
}
