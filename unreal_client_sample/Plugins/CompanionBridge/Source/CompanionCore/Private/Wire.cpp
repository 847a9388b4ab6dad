#include "Companion/Wire.h"

#include <cmath>
#include <cstring>

namespace Companion
{
	bool IsUtf8(const uint8_t* Data, size_t Size)
	{
		size_t At = 0;
		while (At < Size)
		{
			const uint8_t Lead = Data[At];
			if (Lead < 0x80)
			{
				At++;
				continue;
			}
			const int More = Lead >= 0xC2 && Lead <= 0xDF ? 1 : (Lead & 0xF0) == 0xE0 ? 2 : Lead >= 0xF0 && Lead <= 0xF4 ? 3 : 0;
			if (More == 0 || Size - At <= size_t(More)) return false;
			for (int Index = 1; Index <= More; Index++)
				if ((Data[At + Index] & 0xC0) != 0x80) return false;
			const uint8_t Second = Data[At + 1];
			if ((Lead == 0xE0 && Second < 0xA0) || (Lead == 0xED && Second > 0x9F)) return false;
			if ((Lead == 0xF0 && Second < 0x90) || (Lead == 0xF4 && Second > 0x8F)) return false;
			At += 1 + size_t(More);
		}
		return true;
	}

	void Reader::Fail(const char* What)
	{
		if (!Error) Error = What;
	}

	uint8_t Reader::Head()
	{
		if (Error) return 0xC0;
		if (At < End) return *At;
		Fail("the message is cut short");
		return 0xC0;
	}

	WireType Reader::Peek()
	{
		const uint8_t Byte = Head();
		if (Byte <= 0x7F || Byte >= 0xE0) return WireType::Int;
		if (Byte <= 0x8F) return WireType::Map;
		if (Byte <= 0x9F) return WireType::List;
		if (Byte <= 0xBF) return WireType::String;
		switch (Byte)
		{
			case 0xC0: return WireType::Nil;
			case 0xC2: case 0xC3: return WireType::Bool;
			case 0xC4: case 0xC5: case 0xC6: return WireType::Bytes;
			case 0xCA: case 0xCB: return WireType::Float;
			case 0xCC: case 0xCD: case 0xCE: case 0xCF:
			case 0xD0: case 0xD1: case 0xD2: case 0xD3: return WireType::Int;
			case 0xD9: case 0xDA: case 0xDB: return WireType::String;
			case 0xDC: case 0xDD: return WireType::List;
			case 0xDE: case 0xDF: return WireType::Map;
			default:
				Fail("a type byte is not of the protocol");
				return WireType::Nil;
		}
	}

	bool Reader::TryNil()
	{
		if (Head() != 0xC0 || Error) return false;
		At++;
		return true;
	}

	bool Reader::Bool()
	{
		const uint8_t Byte = Head();
		if (Byte != 0xC2 && Byte != 0xC3) Fail("a bool is due where there is something else");
		if (Error) return false;
		At++;
		return Byte == 0xC3;
	}

	uint64_t Reader::Big(size_t Size)
	{
		if (Error) return 0;
		if (size_t(End - At) < 1 + Size)
		{
			Fail("the message is cut short");
			return 0;
		}
		uint64_t Value = 0;
		for (size_t Index = 1; Index <= Size; Index++) Value = Value << 8 | At[Index];
		At += 1 + Size;
		return Value;
	}

	int64_t Reader::Int()
	{
		const uint8_t Byte = Head();
		if (Error) return 0;
		if (Byte <= 0x7F || Byte >= 0xE0)
		{
			At++;
			return int8_t(Byte);
		}
		int64_t Value = 0;
		switch (Byte)
		{
			case 0xCC: return int64_t(Big(1));
			case 0xCD: return int64_t(Big(2));
			case 0xCE: return int64_t(Big(4));
			case 0xD0: return int8_t(Big(1));
			case 0xD1: return int16_t(Big(2));
			case 0xD2: return int32_t(Big(4));
			case 0xCF:
			{
				const uint64_t Wide = Big(8);
				if (Wide > uint64_t(SafeInt)) Fail("an int is beyond 2^53");
				Value = int64_t(Wide);
				break;
			}
			case 0xD3:
				Value = int64_t(Big(8));
				if (Value > SafeInt || Value < -SafeInt) Fail("an int is beyond 2^53");
				break;
			default: Fail("an int is due where there is something else");
		}
		return Error ? 0 : Value;
	}

	double Reader::Float()
	{
		const uint8_t Byte = Head();
		if (Error) return 0;
		double Value = 0;
		if (Byte == 0xCB)
		{
			const uint64_t Bits = Big(8);
			std::memcpy(&Value, &Bits, sizeof Value);
		}
		else if (Byte == 0xCA)
		{
			const uint32_t Bits = uint32_t(Big(4));
			float Narrow;
			std::memcpy(&Narrow, &Bits, sizeof Narrow);
			Value = Narrow;
		}
		else return double(Int());
		if (!std::isfinite(Value)) Fail("a float is not finite");
		return Error ? 0 : Value;
	}

	size_t Reader::Length(size_t Size)
	{
		const uint64_t Count = Big(Size);
		if (Count > Left()) Fail("the message is cut short");
		return Error ? 0 : size_t(Count);
	}

	size_t Reader::StringHeader()
	{
		const uint8_t Byte = Head();
		if (Error) return 0;
		if ((Byte & 0xE0) == 0xA0)
		{
			At++;
			if (size_t(Byte & 0x1F) > Left()) Fail("the message is cut short");
			return Error ? 0 : Byte & 0x1F;
		}
		const size_t Size = Byte == 0xD9 ? 1 : Byte == 0xDA ? 2 : Byte == 0xDB ? 4 : 0;
		if (Size == 0) Fail("a string is due where there is something else");
		return Error ? 0 : Length(Size);
	}

	std::string_view Reader::String()
	{
		const size_t Count = StringHeader();
		if (!Error && !IsUtf8(At, Count)) Fail("a string is not UTF-8");
		if (Error) return {};
		const std::string_view Text(reinterpret_cast<const char*>(At), Count);
		At += Count;
		return Text;
	}

	Segment Reader::Bytes()
	{
		const uint8_t Byte = Head();
		const size_t Size = Byte == 0xC4 ? 1 : Byte == 0xC5 ? 2 : Byte == 0xC6 ? 4 : 0;
		if (Size == 0) Fail("bytes are due where there is something else");
		const size_t Count = Error ? 0 : Length(Size);
		if (Error) return {};
		const Segment Place{At, Count};
		At += Count;
		return Place;
	}

	uint32_t Reader::Items(uint64_t Count, uint64_t Each)
	{
		if (Count * Each > Left()) Fail("the message is cut short");
		return Error ? 0 : uint32_t(Count);
	}

	uint32_t Reader::List()
	{
		const uint8_t Byte = Head();
		if (Error) return 0;
		if ((Byte & 0xF0) == 0x90)
		{
			At++;
			return Items(Byte & 0x0F, 1);
		}
		if (Byte == 0xDC) return Items(Big(2), 1);
		if (Byte == 0xDD) return Items(Big(4), 1);
		Fail("a list is due where there is something else");
		return 0;
	}

	uint32_t Reader::Map()
	{
		const uint8_t Byte = Head();
		if (Error) return 0;
		if ((Byte & 0xF0) == 0x80)
		{
			At++;
			return Items(Byte & 0x0F, 2);
		}
		if (Byte == 0xDE) return Items(Big(2), 2);
		if (Byte == 0xDF) return Items(Big(4), 2);
		Fail("a map is due where there is something else");
		return 0;
	}

	void Reader::Skip()
	{
		for (uint64_t Rest = 1; Rest > 0 && !Error; Rest--)
		{
			switch (Peek())
			{
				case WireType::Nil: case WireType::Bool:
					if (!Error) At++;
					break;
				case WireType::Int: Int(); break;
				case WireType::Float: Float(); break;
				case WireType::String: String(); break;
				case WireType::Bytes: Bytes(); break;
				case WireType::List: Rest += List(); break;
				case WireType::Map: Rest += 2 * uint64_t(Map()); break;
			}
		}
	}

	void Writer::Big(uint64_t Value, int Size)
	{
		for (int Shift = 8 * (Size - 1); Shift >= 0; Shift -= 8) Buffer.push_back(uint8_t(Value >> Shift));
	}

	size_t Writer::Begin()
	{
		Buffer.push_back(0x80);
		return Buffer.size() - 1;
	}

	Writer& Writer::Field(size_t Map, std::string_view Name)
	{
		Buffer[Map]++;
		String(Name);
		return *this;
	}

	void Writer::Header(size_t Count, uint8_t Fix, size_t FixMost, uint8_t Wide16)
	{
		if (Count <= FixMost) Buffer.push_back(uint8_t(Fix | Count));
		else if (Count <= 0xFFFF)
		{
			Buffer.push_back(Wide16);
			Big(Count, 2);
		}
		else
		{
			Buffer.push_back(uint8_t(Wide16 + 1));
			Big(Count, 4);
		}
	}

	void Writer::Map(size_t Count) { Header(Count, 0x80, 15, 0xDE); }
	void Writer::List(size_t Count) { Header(Count, 0x90, 15, 0xDC); }
	void Writer::Nil() { Buffer.push_back(0xC0); }
	void Writer::Bool(bool Value) { Buffer.push_back(Value ? 0xC3 : 0xC2); }

	void Writer::Int(int64_t Value)
	{
		if (Value >= -32 && Value <= 127) Buffer.push_back(uint8_t(Value));
		else if (Value >= 0)
		{
			const int Size = Value <= 0xFF ? 1 : Value <= 0xFFFF ? 2 : Value <= 0xFFFFFFFFll ? 4 : 8;
			Buffer.push_back(uint8_t(Size == 1 ? 0xCC : Size == 2 ? 0xCD : Size == 4 ? 0xCE : 0xCF));
			Big(uint64_t(Value), Size);
		}
		else
		{
			const int Size = Value >= INT8_MIN ? 1 : Value >= INT16_MIN ? 2 : Value >= INT32_MIN ? 4 : 8;
			Buffer.push_back(uint8_t(Size == 1 ? 0xD0 : Size == 2 ? 0xD1 : Size == 4 ? 0xD2 : 0xD3));
			Big(uint64_t(Value), Size);
		}
	}

	void Writer::Float(double Value)
	{
		uint64_t Bits;
		std::memcpy(&Bits, &Value, sizeof Bits);
		Buffer.push_back(0xCB);
		Big(Bits, 8);
	}

	void Writer::String(std::string_view Text)
	{
		if (Text.size() <= 31) Buffer.push_back(uint8_t(0xA0 | Text.size()));
		else if (Text.size() <= 0xFF)
		{
			Buffer.push_back(0xD9);
			Big(Text.size(), 1);
		}
		else Header(Text.size(), 0, 0, 0xDA);
		Buffer.insert(Buffer.end(), Text.begin(), Text.end());
	}

	void Writer::Binary(const uint8_t* Data, size_t Size)
	{
		if (Size <= 0xFF)
		{
			Buffer.push_back(0xC4);
			Big(Size, 1);
		}
		else Header(Size, 0, 0, 0xC5);
		if (Size > 0) Buffer.insert(Buffer.end(), Data, Data + Size);
	}
}
