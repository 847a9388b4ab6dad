// The server's end of a connection that is no socket, and a listener that writes nothing down.
#pragma once

#include "Companion/Conversation.h"

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>

namespace Harness
{
	using namespace Companion;

	inline std::string Slurp(const std::string& Path)
	{
		std::ifstream File(Path, std::ios::binary);
		if (!File)
		{
			std::fprintf(stderr, "cannot read %s\n", Path.c_str());
			std::exit(2);
		}
		return {std::istreambuf_iterator<char>(File), {}};
	}

	inline Value Json(const std::string& Text)
	{
		Value Made;
		std::string Why;
		if (!Value::ParseJson(Text, Made, Why))
		{
			std::fprintf(stderr, "not JSON: %s: %.200s\n", Why.c_str(), Text.c_str());
			std::exit(2);
		}
		return Made;
	}

	/// A connection whose other end the test is. It lives as long as the session keeps it: `Wire` is what stays.
	struct Wire
	{
		std::deque<Value> Sent;
		ITransportEvents* Events = nullptr;
		ITransport* Open = nullptr;
	};

	class Line final : public ITransport
	{
	public:
		explicit Line(Wire& Given) : To(Given) {}

		void Open(const std::string&, const char*, ITransportEvents& Events) override
		{
			To.Events = &Events;
			To.Open = this;
		}

		bool Send(const uint8_t* Data, size_t Size) override
		{
			Reader From(Data, Size);
			To.Sent.push_back(Value::Read(From));
			return true;
		}

		void Close() override { Abort(); }

		void Abort() override
		{
			if (To.Open == this) To.Open = nullptr;
		}

	private:
		Wire& To;
	};

	inline void Says(Wire& From, const Value& Message)
	{
		Writer To;
		Message.Write(To);
		const std::vector<uint8_t> Bytes = To.Bytes();
		if (From.Open) From.Events->OnReceived(*From.Open, Bytes.data(), Bytes.size());
	}
}
