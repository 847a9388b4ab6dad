#include "Companion/Value.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace Companion
{
	namespace
	{
		const Value Nothing;

		void Quote(std::string& Into, std::string_view Text)
		{
			Into += '"';
			for (const char Each : Text)
			{
				switch (Each)
				{
					case '"': Into += "\\\""; break;
					case '\\': Into += "\\\\"; break;
					case '\n': Into += "\\n"; break;
					case '\r': Into += "\\r"; break;
					case '\t': Into += "\\t"; break;
					default:
						if (uint8_t(Each) < 0x20)
						{
							char Escape[8];
							std::snprintf(Escape, sizeof Escape, "\\u%04x", unsigned(uint8_t(Each)));
							Into += Escape;
						}
						else Into += Each;
				}
			}
			Into += '"';
		}

		void AppendUtf8(std::string& Into, uint32_t Code)
		{
			if (Code < 0x80) Into += char(Code);
			else if (Code < 0x800)
			{
				Into += char(0xC0 | Code >> 6);
				Into += char(0x80 | (Code & 0x3F));
			}
			else if (Code < 0x10000)
			{
				Into += char(0xE0 | Code >> 12);
				Into += char(0x80 | (Code >> 6 & 0x3F));
				Into += char(0x80 | (Code & 0x3F));
			}
			else
			{
				Into += char(0xF0 | Code >> 18);
				Into += char(0x80 | (Code >> 12 & 0x3F));
				Into += char(0x80 | (Code >> 6 & 0x3F));
				Into += char(0x80 | (Code & 0x3F));
			}
		}

		/// A parser of JSON (RFC 8259) that stops at the first error.
		struct JsonParser
		{
			std::string_view Text;
			size_t At = 0;
			const char* Error = nullptr;

			void Fail(const char* What)
			{
				if (!Error) Error = What;
			}

			void Space()
			{
				while (At < Text.size() && (Text[At] == ' ' || Text[At] == '\n' || Text[At] == '\r' || Text[At] == '\t')) At++;
			}

			char Next() const { return At < Text.size() ? Text[At] : '\0'; }

			bool Take(char Wanted)
			{
				Space();
				if (Next() != Wanted) return false;
				At++;
				return true;
			}

			bool Word(std::string_view Wanted)
			{
				if (Text.substr(At, Wanted.size()) != Wanted) return false;
				At += Wanted.size();
				return true;
			}

			Value Any(int Depth)
			{
				Space();
				if (Depth > Value::MostDepth) Fail("it nests too deep");
				if (Error) return {};
				const char Head = Next();
				if (Head == '{') return Map(Depth);
				if (Head == '[') return List(Depth);
				if (Head == '"') return Value::OfString(String());
				if (Head == '-' || (Head >= '0' && Head <= '9')) return Number();
				if (Word("true")) return Value::OfBool(true);
				if (Word("false")) return Value::OfBool(false);
				if (!Word("null")) Fail("a value is due where there is something else");
				return {};
			}

			Value Map(int Depth)
			{
				Value Made = Value::OfMap();
				At++;
				if (Take('}')) return Made;
				do
				{
					Space();
					if (Next() != '"') Fail("a name is due where there is something else");
					if (Error) return Made;
					const std::string Name = String();
					if (!Take(':')) Fail("a colon is missing");
					if (Error) return Made;
					if (Made.Fields().size() >= Value::MostFields) Fail("a map has too many fields");
					Made.Set(Name, Any(Depth + 1));
				} while (!Error && Take(','));
				if (!Take('}')) Fail("a map is not closed");
				return Made;
			}

			Value List(int Depth)
			{
				Value Made = Value::OfList();
				At++;
				if (Take(']')) return Made;
				do Made.Add(Any(Depth + 1));
				while (!Error && Take(','));
				if (!Take(']')) Fail("a list is not closed");
				return Made;
			}

			uint32_t Hex()
			{
				uint32_t Code = 0;
				for (int Index = 0; Index < 4; Index++)
				{
					const char Digit = Next();
					const int Worth = Digit >= '0' && Digit <= '9' ? Digit - '0' : Digit >= 'a' && Digit <= 'f' ? Digit - 'a' + 10 : Digit >= 'A' && Digit <= 'F' ? Digit - 'A' + 10 : -1;
					if (Worth < 0) Fail("an escape is broken");
					if (Error) return 0;
					Code = Code << 4 | uint32_t(Worth);
					At++;
				}
				return Code;
			}

			std::string String()
			{
				std::string Made;
				At++;
				while (!Error)
				{
					if (At >= Text.size())
					{
						Fail("a string is not closed");
						break;
					}
					const char Each = Text[At++];
					if (Each == '"') break;
					if (uint8_t(Each) < 0x20) Fail("a string holds a control character");
					if (Each != '\\')
					{
						Made += Each;
						continue;
					}
					const char Escape = Next();
					At++;
					switch (Escape)
					{
						case 'n': Made += '\n'; break;
						case 'r': Made += '\r'; break;
						case 't': Made += '\t'; break;
						case 'b': Made += '\b'; break;
						case 'f': Made += '\f'; break;
						case '"': case '\\': case '/': Made += Escape; break;
						case 'u':
						{
							uint32_t Code = Hex();
							if (Code >= 0xD800 && Code < 0xDC00 && Word("\\u")) Code = 0x10000 + ((Code - 0xD800) << 10) + ((Hex() - 0xDC00) & 0x3FF);
							if (Code >= 0xD800 && Code < 0xE000) Fail("a surrogate stands alone");
							AppendUtf8(Made, Code);
							break;
						}
						default: Fail("an escape is broken");
					}
				}
				if (!Error && !IsUtf8(reinterpret_cast<const uint8_t*>(Made.data()), Made.size())) Fail("a string is not UTF-8");
				return Made;
			}

			Value Number()
			{
				const size_t From = At;
				bool Whole = true;
				while (At < Text.size())
				{
					const char Each = Text[At];
					if (Each == '.' || Each == 'e' || Each == 'E') Whole = false;
					else if (!(Each >= '0' && Each <= '9') && Each != '-' && Each != '+') break;
					At++;
				}
				const std::string Word(Text.substr(From, At - From));
				char* End = nullptr;
				const double Real = std::strtod(Word.c_str(), &End);
				if (*End != '\0' || !std::isfinite(Real)) Fail("a number is broken");
				if (Whole && std::fabs(Real) <= double(Reader::SafeInt)) return Value::OfInt(std::strtoll(Word.c_str(), nullptr, 10));
				return Value::OfFloat(Real);
			}
		};
	}

	std::string Base64(const uint8_t* Data, size_t Size)
	{
		static const char Letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
		std::string Made;
		Made.reserve((Size + 2) / 3 * 4);
		for (size_t At = 0; At < Size; At += 3)
		{
			const size_t Count = std::min<size_t>(3, Size - At);
			uint32_t Bits = uint32_t(Data[At]) << 16;
			if (Count > 1) Bits |= uint32_t(Data[At + 1]) << 8;
			if (Count > 2) Bits |= Data[At + 2];
			Made += Letters[Bits >> 18];
			Made += Letters[Bits >> 12 & 63];
			Made += Count > 1 ? Letters[Bits >> 6 & 63] : '=';
			Made += Count > 2 ? Letters[Bits & 63] : '=';
		}
		return Made;
	}

	Value Value::OfBool(bool Given)
	{
		Value Made;
		Made.Kind = WireType::Bool;
		Made.Number = Given;
		return Made;
	}

	Value Value::OfInt(int64_t Given)
	{
		Value Made;
		Made.Kind = WireType::Int;
		Made.Number = Given;
		return Made;
	}

	Value Value::OfFloat(double Given)
	{
		Value Made;
		Made.Kind = WireType::Float;
		Made.Real = Given;
		return Made;
	}

	Value Value::OfString(std::string_view Given)
	{
		Value Made;
		Made.Kind = WireType::String;
		Made.Words = Given;
		return Made;
	}

	Value Value::OfBytes(const uint8_t* Data, size_t Size)
	{
		Value Made;
		Made.Kind = WireType::Bytes;
		if (Size > 0) Made.Words.assign(reinterpret_cast<const char*>(Data), Size);
		return Made;
	}

	Value Value::OfList()
	{
		Value Made;
		Made.Kind = WireType::List;
		return Made;
	}

	Value Value::OfMap()
	{
		Value Made;
		Made.Kind = WireType::Map;
		return Made;
	}

	Value Value::Read(Reader& From) { return ReadAt(From, 0); }

	Value Value::ReadAt(Reader& From, int Depth)
	{
		if (Depth > MostDepth) From.Fail("a value nests too deep");
		switch (From.Peek())
		{
			case WireType::Bool: return OfBool(From.Bool());
			case WireType::Int: return OfInt(From.Int());
			case WireType::Float: return OfFloat(From.Float());
			case WireType::String: return OfString(From.String());
			case WireType::Bytes:
			{
				const Segment Place = From.Bytes();
				return OfBytes(Place.Data, Place.Size);
			}
			case WireType::List:
			{
				Value Made = OfList();
				for (uint32_t Left = From.List(); Left > 0 && From.Ok(); Left--) Made.List.push_back(ReadAt(From, Depth + 1));
				return Made;
			}
			case WireType::Map:
			{
				Value Made = OfMap();
				const uint32_t Count = From.Map();
				if (Count > MostFields) From.Fail("a map has too many fields");
				for (uint32_t Left = Count; Left > 0 && From.Ok(); Left--)
				{
					const std::string Name(From.String());
					Made.Set(Name, ReadAt(From, Depth + 1));
				}
				return Made;
			}
			case WireType::Nil: break;
		}
		From.TryNil();
		return {};
	}

	bool Value::ParseJson(std::string_view Text, Value& Into, std::string& Why)
	{
		JsonParser Parser{Text};
		Into = Parser.Any(0);
		Parser.Space();
		if (!Parser.Error && Parser.At < Text.size()) Parser.Fail("something follows it");
		if (Parser.Error) Why = Parser.Error;
		return !Parser.Error;
	}

	const Value& Value::operator[](std::string_view Name) const
	{
		for (const auto& Each : Map)
			if (Each.first == Name) return Each.second;
		return Nothing;
	}

	bool Value::Has(std::string_view Name) const { return &(*this)[Name] != &Nothing; }

	Value& Value::Add(Value Item)
	{
		List.push_back(std::move(Item));
		return *this;
	}

	// The last of two equal names counts, as it does on the wire.
	Value& Value::Set(std::string_view Name, Value Given)
	{
		for (auto& Each : Map)
			if (Each.first == Name)
			{
				Each.second = std::move(Given);
				return *this;
			}
		Map.emplace_back(std::string(Name), std::move(Given));
		return *this;
	}

	void Value::Remove(std::string_view Name)
	{
		for (size_t At = 0; At < Map.size(); At++)
			if (Map[At].first == Name)
			{
				Map.erase(Map.begin() + ptrdiff_t(At));
				return;
			}
	}

	bool Value::Same(const Value& Other) const
	{
		if (IsNumber() && Other.IsNumber()) return AsFloat() == Other.AsFloat();
		if (Kind != Other.Kind || Number != Other.Number || Words != Other.Words) return false;
		if (List.size() != Other.List.size() || Map.size() != Other.Map.size()) return false;
		for (size_t At = 0; At < List.size(); At++)
			if (!List[At].Same(Other.List[At])) return false;
		for (const auto& Each : Map)
			if (!Other.Has(Each.first) || !Each.second.Same(Other[Each.first])) return false;
		return true;
	}

	void Value::Write(Writer& To) const
	{
		switch (Kind)
		{
			case WireType::Nil: To.Nil(); break;
			case WireType::Bool: To.Bool(Number != 0); break;
			case WireType::Int: To.Int(Number); break;
			case WireType::Float: To.Float(Real); break;
			case WireType::String: To.String(Words); break;
			case WireType::Bytes: To.Binary(reinterpret_cast<const uint8_t*>(Words.data()), Words.size()); break;
			case WireType::List:
				To.List(List.size());
				for (const Value& Each : List) Each.Write(To);
				break;
			case WireType::Map:
				To.Map(Map.size());
				for (const auto& Each : Map)
				{
					To.String(Each.first);
					Each.second.Write(To);
				}
				break;
		}
	}

	std::string Value::Json() const
	{
		std::string Made;
		switch (Kind)
		{
			case WireType::Nil: return "null";
			case WireType::Bool: return Number ? "true" : "false";
			case WireType::Int: return std::to_string(Number);
			case WireType::Float:
			{
				char Digits[40];
				std::snprintf(Digits, sizeof Digits, "%.17g", Real);
				for (int Precision = 1; Precision < 17; Precision++)
				{
					char Shorter[40];
					std::snprintf(Shorter, sizeof Shorter, "%.*g", Precision, Real);
					if (std::strtod(Shorter, nullptr) != Real) continue;
					std::copy(std::begin(Shorter), std::end(Shorter), Digits);
					break;
				}
				Made = Digits;
				// A float stays a float when it is read again.
				if (Made.find_first_of(".en") == std::string::npos) Made += ".0";
				return Made;
			}
			case WireType::String: Quote(Made, Words); return Made;
			case WireType::Bytes: return '"' + Base64(reinterpret_cast<const uint8_t*>(Words.data()), Words.size()) + '"';
			case WireType::List:
				for (const Value& Each : List) Made += (Made.empty() ? "" : ",") + Each.Json();
				return '[' + Made + ']';
			case WireType::Map:
				for (const auto& Each : Map)
				{
					if (!Made.empty()) Made += ',';
					Quote(Made, Each.first);
					Made += ':' + Each.second.Json();
				}
				return '{' + Made + '}';
		}
		return Made;
	}

	int Value::Depth() const
	{
		int Deepest = 0;
		for (const Value& Each : List) Deepest = std::max(Deepest, 1 + Each.Depth());
		for (const auto& Each : Map) Deepest = std::max(Deepest, 1 + Each.second.Depth());
		return Deepest;
	}
}
