// What everything here shares: the media clock, and a place in somebody else's bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// A module of the engine exports its symbols; everywhere else there is nothing to say.
#ifndef COMPANIONCORE_API
#define COMPANIONCORE_API
#endif

namespace Companion
{
	/// Ticks of the media clock in a second; every sample rate and frame rate of the protocol divides it.
	constexpr int64_t TicksPerSecond = 48000;

	/// Bytes that somebody else owns; valid only while they do.
	struct Segment
	{
		const uint8_t* Data = nullptr;
		size_t Size = 0;

		std::string_view Text() const { return {reinterpret_cast<const char*>(Data), Size}; }
		bool operator==(std::string_view Other) const { return Text() == Other; }
	};
}
