# The sample's companion on devices of a room that are only reckoned: `godot3-server --path FOLDER -s device.gd SCENARIO...`, as
# testkit/together.py writes them. For each tenth of a second a line with [turn, pts] of what is heard, or null; "over" after
# each.
extends SceneTree

const FRAMES_A_TENTH = 7


# A sound output that takes so many frames a second, and says whose they are.
class Card:
	const ROOM = 12000
	var companion
	var places = []  # of each frame that waits: [turn, sample], or null for silence
	var taken = 0

	func get_frames_available():
		return ROOM - (places.size() - taken)

	func push_frame(level):
		var turns = companion._turns
		places.append(null if level.x == 0 else [turns[0]["number"], turns[0]["at"] + companion._between])

	func take(until):
		while places.size() < int(until):
			places.append(null)  # it ran empty
		taken = int(until)
		return taken


# A line whose other end the scenario is.
class Line:
	var state = "open"
	var code = 1006
	var told
	var next = 0
	var now = 0.0
	var began
	var asked = 0
	var waits = []

	func open(_url):
		pass

	func poll():
		pass

	func receive():
		if waits.size() > 0 and waits[0]["type"] == "welcome":
			return waits.pop_front()
		for index in range(waits.size()):
			if waits[index]["came"] <= now:
				var pong = waits[index]
				waits.remove(index)
				return pong
		if next >= told["media"].size() or told["media"][next]["came"] > now:
			return null
		next += 1
		return told["media"][next - 1]

	func say(fields):
		if fields["type"] == "hello":
			waits.append({"type": "welcome", "version": 1, "server": "room/1", "session": "s", "token": "t", "resumed": false, "resume_s": 60.0, "audio": {"rate": told["rate"]}, "face": {"fps": 60, "names": [], "ranges": []}, "identity": {"name": "Mira"}})
		if fields["type"] != "ping":
			return
		var delay = told["pings"][asked % told["pings"].size()]
		asked += 1
		waits.append({"type": "pong", "stamp": fields["stamp"], "server": (now + delay[0]) * 1000.0, "came": now + delay[0] + delay[1]})

	func drop():
		pass


func _init():
	for word in OS.get_cmdline_args():
		if word.ends_with(".json"):
			_live(word)
			print("over")
	quit()


func _live(path):
	var file = File.new()
	file.open(path, File.READ)
	var told = JSON.parse(file.get_as_text()).result
	var sound = PoolByteArray()
	for _each in range(int(told["rate"] / 10)):
		sound.append(0)
		sound.append(16)
	var loud = Marshalls.raw_to_base64(sound)
	for message in told["media"]:
		if message.has("samples"):
			message["pcm"] = loud
	var companion = load("res://companion.gd").new()
	var card = Card.new()
	card.companion = companion
	companion.line = Line.new()
	companion.line.told = told
	companion.hello["room"] = {"name": "kitchen"}
	companion.line.now = 0.0
	companion.step(told["began"] / 1000.0)
	companion.sound(card)
	var card_rate = told["rate"] * told["card"] * told["skew"]
	for frame in range(int(told["seconds"] * 10 * FRAMES_A_TENTH)):
		var at = frame / (10.0 * FRAMES_A_TENTH)
		companion.line.now = at
		var taken = card.take(at * card_rate)
		companion.step(told["began"] / 1000.0 + at * told["skew"])
		if frame % FRAMES_A_TENTH == 0:
			var heard = card.places[taken] if taken < card.places.size() else null
			print("null" if heard == null else "[%d,%f]" % [heard[0], heard[1] * 48000.0 / told["rate"]])
	companion.free()
