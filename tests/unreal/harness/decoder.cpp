// libFuzzer's entry to the decoder alone: whatever bytes come are read as a server's message, as a value and as JSON.
#include "sinks/quiet.h"

using namespace Harness;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* Data, size_t Size)
{
	Quiet Sink;
	std::string Why;
	const Reading Done = ReadServerMessage(Data, Size, Sink, Why);
	if (Done == Reading::Broken && Why.empty()) std::abort(); // a fault without a sentence
	Reader From(Data, Size);
	const Value Read = Value::Read(From);
	if (From.Ok())
	{
		// What was read can be written, and reads as the same.
		Writer To;
		Read.Write(To);
		const std::vector<uint8_t> Bytes = To.Bytes();
		Reader Back(Bytes.data(), Bytes.size());
		if (!Value::Read(Back).Same(Read) && Read.Same(Read)) std::abort();
	}
	Value Made;
	Value::ParseJson({reinterpret_cast<const char*>(Data), Size}, Made, Why);
	return 0;
}
