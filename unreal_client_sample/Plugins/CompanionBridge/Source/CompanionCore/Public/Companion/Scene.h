// What the game and the companion share beside the voice: subtitles, the scene's context, tools.
#pragma once

#include "Companion/Timeline.h"

#include <functional>

namespace Companion
{
	/// What was said by whom, for a log on the screen.
	struct SpokenLine
	{
		bool ByUser = false;
		std::string Text;
		bool Cut = false;
	};

	/// Subtitles that never run ahead of the voice: words are added as they are heard, a full line makes room for the next,
	/// and what was cut off does not stay. Beside the line on show it keeps what was said.
	class COMPANIONCORE_API Subtitles
	{
	public:
		/// `Most` characters of a subtitle; a sentence's end also makes room.
		explicit Subtitles(size_t GivenMost = 84) : Most(GivenMost) {}

		const std::string& Line() const { return Shown; }
		/// What the user is understood to be saying, while it may still change.
		const std::string& Partial() const { return Unsettled; }
		/// What was said so far, heard words only, oldest first.
		const std::vector<SpokenLine>& Said() const { return Kept; }

		void Take(const Heard& Given, double Now);
		void Take(const Transcript& Given);
		/// The user typed this.
		void Typed(std::string_view Text);
		void Step(double Now);

	private:
		void Keep(SpokenLine Line);

		static constexpr size_t MostKept = 200;
		const size_t Most;
		std::string Shown, Whole, Unsettled;
		std::vector<SpokenLine> Kept;
		double ClearAt = std::numeric_limits<double>::infinity();
		bool Open = false;
	};

	/// What is and what happens in the scene, sent in batches: half a second after the first change, or three seconds at the
	/// latest while changes go on. What is remembered is sent again to a new session.
	class COMPANIONCORE_API SceneContext
	{
	public:
		using Sender = std::function<void(const States&, const std::vector<std::string>&, Respond)>;

		/// A fact that holds from now on; "" removes it. False, and nothing is kept, when its name or their number is too large.
		bool Set(const std::string& Key, const std::string& Given, double Now);
		/// A sentence about what happened, told from outside ("Ada opens the chest."). The strongest wish to respond wins.
		void Happened(const std::string& Sentence, Respond Wish, double Now);
		/// A new session knows nothing: all states are sent again.
		void Resend(double Now);
		/// Sends what is due.
		void Step(double Now, const Sender& Send);

	private:
		void Touch(double Now);

		States Held, Changed;
		std::vector<std::string> Events;
		Respond Wanted = Respond::Silent;
		bool Waiting = false;
		double First = 0, Last = 0;
	};

	/// The tools of a scene: what the companion is told of, and what runs for it. Each call is told once, with arguments that
	/// fit the schema, and answered once: by the game, or when its time is over, or when its turn is cut.
	class COMPANIONCORE_API Tools
	{
	public:
		class IListener
		{
		public:
			virtual ~IListener() = default;
			/// The game is to run a tool and to answer.
			virtual void OnTool(int64_t Call, const std::string& Name, const Value& Arguments) = 0;
			/// The game need not go on: the call was answered by somebody else.
			virtual void OnToolOver(int64_t Call) = 0;
			/// An answer for the server.
			virtual void OnToolAnswer(int64_t Call, ToolStatus Status, std::string_view Value) = 0;
		};

		explicit Tools(IListener& Given) : Listener(Given) {}

		/// Offers a tool, or another in place of one of the same name; `Schema` is the JSON Schema of its arguments ("": none).
		/// A sentence when it cannot travel, "" when all is well.
		std::string Add(const std::string& Name, const std::string& Description, const std::string& Schema);
		bool Remove(const std::string& Name);
		const std::vector<ToolSpec>& Specs() const { return Offered; }

		void Call(ToolCall Given, double Now);
		/// The game's answer; false when the call is over.
		bool Answer(int64_t Call, ToolStatus Status, std::string_view Given);
		/// Time passes: what has run for too long is answered.
		void Step(double Now);
		/// Turns up to this one were cut: what runs for them is over.
		void Interrupted(int64_t Turn);

	private:
		struct Running
		{
			int64_t Call = 0, Turn = 0;
			double Deadline = 0;
		};

		template <typename Test>
		void Stop(Test Over);

		static constexpr size_t MostTools = 64, MostRunning = 64;
		IListener& Listener;
		std::vector<ToolSpec> Offered;
		std::vector<Running> Runs;
	};

	/// Checks arguments that a language model made against the part of JSON Schema that tools use: type, properties,
	/// required, additionalProperties, enum, minimum, maximum, minLength, maxLength, items, minItems, maxItems.
	/// What is wrong, as a sentence for the model; "" when nothing is.
	COMPANIONCORE_API std::string CheckSchema(const Value& Schema, const Value& Given, const std::string& Path = "arguments");

	/// Characters (code points) of UTF-8.
	COMPANIONCORE_API size_t Characters(std::string_view Text);
	/// At most so many characters of UTF-8.
	COMPANIONCORE_API std::string_view Clip(std::string_view Text, size_t Most);
}
