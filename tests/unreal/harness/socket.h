// A WebSocket of POSIX sockets for the tests: blocking where it may be, no TLS, on a thread of its own that only queues.
#pragma once

#include "Companion/Session.h"

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <cstring>
#include <deque>
#include <mutex>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace Harness
{
	/// RFC 6455, the client's side: the thread reads frames into a queue, `Deliver` hands them on where the session lives.
	class Socket final : public Companion::ITransport
	{
	public:
		/// Stands in a list for as long as it lives, so that whoever delivers finds it.
		explicit Socket(std::vector<Socket*>& Given) : All(Given) { All.push_back(this); }

		~Socket() override
		{
			Abort();
			All.erase(std::find(All.begin(), All.end(), this));
		}

		void Open(const std::string& Url, const char* Subprotocol, Companion::ITransportEvents& Given) override
		{
			Events = &Given;
			const size_t Host = Url.find("://") + 3, Port = Url.find(':', Host);
			Reader = std::thread([this, Name = Url.substr(Host, Port - Host), Service = Url.substr(Port + 1, Url.find('/', Port) - Port - 1), Wanted = std::string(Subprotocol)] { Run(Name, Service, Wanted); });
		}

		bool Send(const uint8_t* Data, size_t Size) override { return Frame(0x2, Data, Size); }

		void Close() override
		{
			const uint8_t Code[2] = {0x03, 0xE8};
			Frame(0x8, Code, 2);
			Events = nullptr;
		}

		void Abort() override
		{
			Events = nullptr;
			Gone = true;
			if (Descriptor >= 0) shutdown(Descriptor, SHUT_RDWR);
			if (Reader.joinable()) Reader.join();
			if (Descriptor >= 0) close(Descriptor);
			Descriptor = -1;
		}

		/// Hands on what has come, on the thread that calls.
		void Deliver()
		{
			while (Events)
			{
				Happening Next;
				{
					std::lock_guard Lock(Guard);
					if (Come.empty()) return;
					Next = std::move(Come.front());
					Come.pop_front();
				}
				if (Next.Kind == What::Opened) Events->OnOpened(*this);
				else if (Next.Kind == What::Message) Events->OnReceived(*this, Next.Bytes.data(), Next.Bytes.size());
				else Events->OnClosed(*this, Next.Code, {reinterpret_cast<const char*>(Next.Bytes.data()), Next.Bytes.size()});
			}
		}

	private:
		enum class What { Opened, Message, Closed };

		struct Happening
		{
			What Kind = What::Closed;
			std::vector<uint8_t> Bytes;
			int Code = 1006;
		};

		void Tell(Happening Given)
		{
			std::lock_guard Lock(Guard);
			Come.push_back(std::move(Given));
		}

		bool Whole(uint8_t* Into, size_t Size)
		{
			while (Size > 0)
			{
				const ssize_t Got = recv(Descriptor, Into, Size, 0);
				if (Got <= 0) return false;
				Into += Got;
				Size -= size_t(Got);
			}
			return true;
		}

		bool Frame(uint8_t Code, const uint8_t* Data, size_t Size)
		{
			if (Descriptor < 0 || Gone) return false;
			std::vector<uint8_t> Made{uint8_t(0x80 | Code)};
			if (Size < 126) Made.push_back(uint8_t(0x80 | Size));
			else
			{
				const int Wide = Size <= 0xFFFF ? 2 : 8;
				Made.push_back(uint8_t(0x80 | (Wide == 2 ? 126 : 127)));
				for (int Shift = 8 * (Wide - 1); Shift >= 0; Shift -= 8) Made.push_back(uint8_t(uint64_t(Size) >> Shift));
			}
			const uint8_t Mask[4] = {0x12, 0x34, 0x56, 0x78};
			Made.insert(Made.end(), Mask, Mask + 4);
			for (size_t Index = 0; Index < Size; Index++) Made.push_back(Data[Index] ^ Mask[Index % 4]);
			std::lock_guard Lock(Sending);
			for (size_t At = 0; At < Made.size();)
			{
				const ssize_t Put = send(Descriptor, Made.data() + At, Made.size() - At, MSG_NOSIGNAL);
				if (Put <= 0) return false;
				At += size_t(Put);
			}
			return true;
		}

		bool Greet(const std::string& Host, const std::string& Service, const std::string& Wanted)
		{
			addrinfo Hints{}, *Found = nullptr;
			Hints.ai_socktype = SOCK_STREAM;
			if (getaddrinfo(Host.c_str(), Service.c_str(), &Hints, &Found) != 0) return false;
			const int Made = socket(Found->ai_family, SOCK_STREAM, 0);
			const int On = 1;
			setsockopt(Made, IPPROTO_TCP, TCP_NODELAY, &On, sizeof On);
			const bool Linked = connect(Made, Found->ai_addr, Found->ai_addrlen) == 0;
			freeaddrinfo(Found);
			Descriptor = Made;
			if (!Linked) return false;
			const std::string Asked = "GET / HTTP/1.1\r\nHost: " + Host + ":" + Service + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: " + Wanted + "\r\n\r\n";
			if (send(Made, Asked.data(), Asked.size(), MSG_NOSIGNAL) != ssize_t(Asked.size())) return false;
			std::string Answer;
			while (Answer.find("\r\n\r\n") == std::string::npos)
			{
				uint8_t Byte;
				if (Answer.size() > 8192 || !Whole(&Byte, 1)) return false;
				Answer += char(Byte);
			}
			return Answer.rfind("HTTP/1.1 101", 0) == 0 && Answer.find(Wanted) != std::string::npos;
		}

		void Run(const std::string& Host, const std::string& Service, const std::string& Wanted)
		{
			if (!Greet(Host, Service, Wanted))
			{
				Tell({});
				return;
			}
			Tell({What::Opened, {}, 0});
			std::vector<uint8_t> Message;
			while (true)
			{
				uint8_t Head[2], Wide[8];
				if (!Whole(Head, 2)) break;
				uint64_t Size = Head[1] & 0x7F;
				const int More = Size == 126 ? 2 : Size == 127 ? 8 : 0;
				if (!Whole(Wide, size_t(More))) break;
				if (More > 0) Size = 0;
				for (int Index = 0; Index < More; Index++) Size = Size << 8 | Wide[Index];
				if (Size > (1u << 24)) break;
				std::vector<uint8_t> Payload(Size);
				if (!Whole(Payload.data(), Size)) break;
				const uint8_t Code = Head[0] & 0x0F;
				if (Code == 0x9) Frame(0xA, Payload.data(), Payload.size());
				else if (Code == 0x8)
				{
					Happening Closed;
					Closed.Code = Payload.size() >= 2 ? Payload[0] << 8 | Payload[1] : 1005;
					if (Payload.size() > 2) Closed.Bytes.assign(Payload.begin() + 2, Payload.end());
					Frame(0x8, Payload.data(), std::min<size_t>(2, Payload.size()));
					Tell(std::move(Closed));
					return;
				}
				else if (Code <= 0x2)
				{
					Message.insert(Message.end(), Payload.begin(), Payload.end());
					if (!(Head[0] & 0x80)) continue;
					Tell({What::Message, std::move(Message), 0});
					Message.clear();
				}
			}
			Tell({});
		}

		std::vector<Socket*>& All;
		Companion::ITransportEvents* Events = nullptr;
		std::thread Reader;
		std::mutex Guard, Sending;
		std::deque<Happening> Come;
		std::atomic<int> Descriptor{-1};
		std::atomic<bool> Gone{false};
	};
}
