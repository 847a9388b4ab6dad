// Bounded queues: between two threads without locks, and within one.
#pragma once

#include "Companion/Base.h"

#include <algorithm>
#include <atomic>
#include <vector>

namespace Companion
{
	/// A queue between one writing and one reading thread; full means false, nothing waits and nothing is allocated.
	template <typename Item>
	class SpscRing
	{
	public:
		/// `Capacity` is a power of two.
		explicit SpscRing(size_t Capacity) : Slots(Capacity) {}

		bool TryWrite(const Item& Given)
		{
			const uint64_t At = Written.load(std::memory_order_relaxed);
			if (At - Taken.load(std::memory_order_acquire) == Slots.size()) return false;
			Slots[At & (Slots.size() - 1)] = Given;
			Written.store(At + 1, std::memory_order_release);
			return true;
		}

		bool TryRead(Item& Into)
		{
			const uint64_t At = Taken.load(std::memory_order_relaxed);
			if (Written.load(std::memory_order_acquire) == At) return false;
			Into = Slots[At & (Slots.size() - 1)];
			Taken.store(At + 1, std::memory_order_release);
			return true;
		}

	private:
		std::vector<Item> Slots;
		std::atomic<uint64_t> Written{0}, Taken{0};
	};

	/// Samples between one writing and one reading thread. Positions count from the first sample ever written; what lies
	/// before the freed position may be overwritten.
	class SampleRing
	{
	public:
		/// `Capacity` is a power of two.
		explicit SampleRing(size_t Capacity) : Samples(Capacity) {}

		/// Where the next sample is written; the writing thread's.
		int64_t Position() const { return Written; }

		/// Appends s16le samples; false, and nothing is written, when they do not fit.
		bool TryWrite(const Segment& Pcm)
		{
			const int64_t Count = int64_t(Pcm.Size / 2);
			if (Count > int64_t(Samples.size()) - (Written - Freed.load(std::memory_order_acquire))) return false;
			for (int64_t Index = 0; Index < Count; Index++)
				Samples[size_t(Written + Index) & (Samples.size() - 1)] = int16_t(uint16_t(Pcm.Data[2 * Index] | Pcm.Data[2 * Index + 1] << 8));
			Written += Count;
			return true;
		}

		/// Copies samples from a position; the reading thread's, told of them by a queue that publishes them.
		void Copy(int64_t From, int16_t* Into, int64_t Count) const
		{
			for (int64_t Index = 0; Index < Count; Index++) Into[Index] = Samples[size_t(From + Index) & (Samples.size() - 1)];
		}

		/// Everything before a position is done with; the reading thread's.
		void Free(int64_t Before) { Freed.store(Before, std::memory_order_release); }

	private:
		std::vector<int16_t> Samples;
		int64_t Written = 0;
		std::atomic<int64_t> Freed{0};
	};

	/// A queue within one thread that grows when it must and then keeps its room.
	template <typename Item>
	class Fifo
	{
	public:
		bool Empty() const { return Count == 0; }
		size_t Size() const { return Count; }
		Item& Front() { return Slots[First]; }

		void Push(Item Given)
		{
			if (Count == Slots.size()) Grow();
			Slots[(First + Count++) % Slots.size()] = std::move(Given);
		}

		Item Pop()
		{
			Item Taken = std::move(Slots[First]);
			First = (First + 1) % Slots.size();
			Count--;
			return Taken;
		}

		void Clear() { First = Count = 0; }

	private:
		void Grow()
		{
			std::vector<Item> Wider(std::max<size_t>(16, 2 * Slots.size()));
			for (size_t Index = 0; Index < Count; Index++) Wider[Index] = std::move(Slots[(First + Index) % Slots.size()]);
			Slots = std::move(Wider);
			First = 0;
		}

		std::vector<Item> Slots;
		size_t First = 0, Count = 0;
	};
}
