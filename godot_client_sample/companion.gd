# A companion: its conversation, sound, face and words. Give it `line` (line.gd), then call `step` each frame.
# Everything here runs in Godot 3 and 4 alike: what differs stands in line.gd and main.gd.
extends Node

signal greeted(welcome)  # show welcome.identity.disclosure and keep it in sight
signal word(text)  # with what is written before it
signal cue(kind, name)
signal ended(turn, cut)
signal memory(answer)  # what `remember` asked for: op, on, facts, episodes, count, blob (base64)
signal room(state)  # in a room: you, people, companions, agenda, item, word, minutes, as they are now
signal said(by, text, private)  # somebody else in the room
signal floor_taken(name)  # in a room: the companion that begins to be heard, "" when nobody is heard any more
signal over(reason)  # a sentence for the user

const TICKS = 48000.0
const OVER = [1000, 4000, 4001, 4002, 4003, 4005, 4006, 4007, 4010, 4011, 4012, 4013, 4020, 4021, 4030, 4032, 4090]
const PAUSES = [0.0, 0.25, 0.5, 1.0, 2.0, 4.0]
const AHEAD = 0.06  # seconds of sound that are handed over before they are heard
const COUNTS = ["turn", "seq", "pts", "end", "face_pts", "call"]
const NUMBERS = ["at", "stamp", "server"]  # ms
const TEXTS = ["text", "gap", "state", "kind", "name", "code", "message", "pcm", "face", "session", "token", "by", "companion"]
const NEEDED = {
	"welcome": ["session", "token", "resumed", "audio", "face", "identity"], "state": ["state"], "pong": ["stamp", "server"],
	"reply_start": ["turn", "seq"], "text": ["turn", "seq", "text", "pts"], "media": ["turn", "pts"],
	"cue": ["turn", "seq", "pts", "kind", "name"], "interrupted": ["turn", "seq", "pts"],
	"reply_end": ["turn", "seq", "pts", "text"], "error": ["code", "message"],
	"memory": ["op", "on"], "room": ["room", "you"], "said": ["seq", "by", "text"],
}

var url = "ws://127.0.0.1:8765"
var hello = {"type": "hello", "version": 1, "client": "godot-sample"}
var line  # open(url), poll(), state ("connecting", "open", "closed"), code, receive(), say(fields), drop()
var playback  # an AudioStreamGeneratorPlayback at `rate`, once there is a welcome
var rate = 24000
var weights = {}  # what the face looks like now, by ARKit's names
var welcome = {}
var state = "idle"
var seq = 0
var is_over = false
var delay = 0.0  # seconds from when sound has left `playback` until it is heard

var _turns = []  # first the one that is heard
var _cut = 0
var _running = false
var _prime = 0.08
var _room = 0  # of the empty sound buffer, frames
var _came = 0.0
var _media = 0.0
var _asked = -1.0
var _told = -1.0
var _open_turn = 0
var _next = 0.0  # when the line is opened, -1: it stands
var _tries = 0
var _said = false  # `hello`, on this line
var _greeted = false
var _leaving = ""
var _lost = -1.0

# In a room everybody hears the same at the same instant: by the server's clock, asked for by pings.
const ANSWERS = 10  # that are looked at
const GAP = 0.02  # seconds by which a piece is due later than what came before it ends: there is a silence
const OFF = 0.004  # how far beside the instant is too far ...
const THERE = 0.0005  # ... and how near is near enough
const FAR = 0.25  # from where on the next piece is waited for
const NUDGE = 0.01  # how much faster or slower is played meanwhile
var _answers = []  # [trip, offset, grain], seconds, the oldest first
var _clock_asked = -9.0
var _before = 0.0  # when `step` was called last
var _nudging = 0.0
var _between = 0.0  # of two samples, where it is played faster or slower
var _names = {}  # of a room's companions, by what messages call them
var _quiet = 0  # frames of silence that were handed over after the last sound


func step(now):
	if is_over:
		return
	line.poll()
	_ask_clock(now)
	if _next >= 0 and now >= _next:
		_next = -1.0
		_said = false
		_greeted = false
		line.open(url)
		_came = now
	while line.state == "open":
		if not _said:
			_say_hello()
		var message = line.receive()
		if message == null:
			break
		_came = now
		_asked = -1.0
		if _fine(message):
			_take(message, now)
	_play(now)
	_feel(now)
	_before = now
	if _next < 0 and line.state == "closed":
		_closed(line.code, now)


func say(text):
	_send({"type": "text", "text": text})


# Where the voice goes: an AudioStreamGeneratorPlayback at `rate`, empty yet.
func sound(given):
	playback = given
	_room = given.get_frames_available()


# Ask about what is remembered of the user, where `welcome.features` has "memory": "agree" or "refuse" to be remembered
# (ask them first), "tell", "forget" {"facts": [id]}, "erase", "export", "import" {"blob": what was exported}.
func remember(op, fields = {}):
	if not "memory" in welcome.get("features", []):
		return false
	var message = {"type": "memory", "op": op}
	for name in fields:
		message[name] = fields[name]
	_send(message)
	return true


# Open or enter a room, before the conversation begins: {"name": ..., "key": ...}, and where nobody is in it yet "kind" ("talk",
# "meeting", "class"), "cast" ([{"identity": ...}]) and "agenda" ([{"title": ..., "minutes": ...}]).
func enter(given):
	hello["room"] = given


# Ask in private, in a room: `said` follows, and nobody else is told.
func ask_privately(text):
	if not _in_room():
		return false
	_send({"type": "text", "text": text, "private": true})
	return true


# Do something in a room beside speaking: "hand", "lower", "give" (to whom), "next", "minutes", "end".
func in_room(op, to = ""):
	if hello.get("room") == null:
		return false
	var message = {"type": "room", "op": op}
	if to != "":
		message["to"] = to
	_send(message)
	return true


func leave():
	_send({"type": "bye"})
	is_over = true


func _send(fields):
	if line.state == "open" and _greeted:
		line.say(fields)


func _say_hello():
	var fields = hello.duplicate()
	if welcome:
		fields["resume"] = {"session": welcome["session"], "token": welcome["token"], "seq": seq}
	line.say(fields)
	_said = true


# Whether a message has what it needs, and nothing that it may not have.
func _fine(message):
	if typeof(message) != TYPE_DICTIONARY or not NEEDED.has(message.get("type")):
		return false
	for name in NEEDED[message["type"]]:
		if not message.has(name):
			return false
	for name in message:
		var value = message[name]
		if name in COUNTS:
			if not typeof(value) in [TYPE_INT, typeof(0.5)]:
				return false
			if value < 0 or value > 9007199254740992.0 or value != floor(value):
				return false
		elif name in NUMBERS and message["type"] in ["media", "pong"]:
			if not typeof(value) in [TYPE_INT, typeof(0.5)] or value < 0 or value > 9007199254740992.0:
				return false
		elif name in TEXTS and typeof(value) != TYPE_STRING and not (name == "face" and message["type"] == "welcome"):
			return false
	return true


func _take(message, now):
	var turn = int(message.get("turn", 0))
	var number = int(message.get("seq", 0))
	var type = message["type"]
	if type == "welcome":
		return _welcomed(message)
	if number > 0 and number <= seq:
		return
	seq = int(max(seq, number))
	if type == "state":
		state = message["state"]
	elif type == "memory":
		emit_signal("memory", message)
	elif type == "room":
		_names = {}
		var cast = message.get("companions", [])
		for each in cast if typeof(cast) == TYPE_ARRAY else []:
			if typeof(each) == TYPE_DICTIONARY and typeof(each.get("identity")) == TYPE_DICTIONARY:
				_names[each.get("companion", "main")] = str(each["identity"].get("name", ""))
		emit_signal("room", message)
	elif type == "pong":
		_pong(message["stamp"] / 1000.0, message["server"] / 1000.0, now)
	elif type == "said":
		emit_signal("said", message["by"], message["text"], message.get("private", false))
	elif type == "error" and message.get("fatal", false):
		_leaving = message["message"]
	elif type == "interrupted":
		_cut = int(max(_cut, turn))
		if turn >= _open_turn:
			_open_turn = 0
		while _turns.size() > 0 and _turns[0]["number"] <= turn:
			_finish(true, now)
	elif turn > _cut:
		_of_a_turn(type, turn, message, now)


func _of_a_turn(type, number, message, now):
	var turn = null
	for each in _turns:
		if each["number"] == number:
			turn = each
	if turn == null:
		turn = {"number": number, "sound": Marshalls.base64_to_raw(""), "at": 0, "faces": [], "marks": [], "end": -1, "pieces": [], "whose": "main", "heard": false}
		_turns.append(turn)
	if type == "reply_start":
		_open_turn = number
		turn["whose"] = message.get("companion", "main")
	elif type == "media":
		_media = now
		var pcm = Marshalls.base64_to_raw(message.get("pcm", ""))
		var sound = turn["sound"]  # a copy in Godot 3
		var from = max(0, sound.size() - 2 * int(message["pts"] * rate / TICKS))
		if from == 0 and pcm.size() % 2 == 0:
			sound.append_array(pcm)
		else:
			for at in range(from, pcm.size() - pcm.size() % 2):
				sound.append(pcm[at])
		turn["sound"] = sound
		if _in_room() and message.get("at", 0) > 0:
			turn["pieces"].append([int(message["pts"] * rate / TICKS), message["at"] / 1000.0])
		var width = welcome["face"]["names"].size()
		var face = Marshalls.base64_to_raw(message.get("face", ""))
		var pts = message.get("face_pts", 0)
		for index in range(0 if width == 0 else face.size() / width):
			turn["faces"].append([pts + index * TICKS / welcome["face"]["fps"], face, index * width])
	elif type == "text":
		turn["marks"].append([message["pts"], "word", message.get("gap", " ") + message["text"]])
	elif type == "cue":
		turn["marks"].append([message["pts"], message["kind"], message["name"]])
	elif type == "reply_end":
		turn["end"] = int(message["pts"])
		_open_turn = 0


func _welcomed(message):
	_greeted = true
	_tries = 0
	_told = -1.0  # a playhead at once
	_lost = -1.0
	if not message["resumed"]:
		_turns = []
		seq = 0
		_cut = 0
		_open_turn = 0
		_running = false
		_answers = []
		state = "idle"
		welcome = message
		rate = int(message["audio"].get("rate", 24000))
		emit_signal("greeted", message)
	elif _turns.size() == 0:
		_send({"type": "playhead", "turn": 0, "pts": 0, "seq": seq})


func _queued():
	if playback == null:
		return 0
	return _room - playback.get_frames_available()


func _play(now):
	if playback == null:
		return
	if _turns.size() == 0:
		return _rest(AHEAD)
	var turn = _turns[0]
	var sound = turn["sound"]
	var waits = int(sound.size() / 2) - turn["at"]
	var timed = _answers.size() > 0 and turn["pieces"].size() > 0
	if timed:
		_play_timed(turn, now)
	elif not _running:
		_running = waits > 0 and (waits >= _prime * rate or turn["end"] >= 0 or now - _media > 0.25)
	if not timed and _running:
		_push(turn, int(min(waits, AHEAD * rate - _queued())), 1.0)
	if _running and turn["at"] == int(sound.size() / 2) and turn["end"] < 0 and _unheard() <= 0:
		_running = false
		_prime = min(_prime * 1.5, 0.2)
	if not _running or (turn["end"] >= 0 and turn["at"] * 2 >= sound.size() - 1):
		_rest(AHEAD)
	if _running and not turn["heard"] and turn["at"] > 0:
		turn["heard"] = true
		if _in_room():
			emit_signal("floor_taken", _names.get(turn["whose"], ""))
	var pts = (turn["at"] - _unheard()) * TICKS / rate
	_show(turn, pts)
	if turn["end"] >= 0 and turn["at"] * 2 >= sound.size() - 1 and _unheard() <= 0:
		_finish(false, now)
	elif _told < 0 or now - _told >= 0.2:
		_tell(turn["number"], pts, now)


# As the room's clock says: silent before a piece is due, without what is due long since, faster or slower where it is off.
func _play_timed(turn, now):
	var pieces = turn["pieces"]
	var end = int(turn["sound"].size() / 2)
	while turn["at"] < end:
		while pieces.size() > 1 and pieces[1][0] <= turn["at"]:
			pieces.pop_front()
		var until = pieces[1][0] if pieces.size() > 1 else end
		var late = now + float(_queued()) / rate + delay - (pieces[0][1] - _offset() + float(turn["at"] - pieces[0][0]) / rate)
		if late < 0 and (not _running or (turn["at"] == pieces[0][0] and late < -GAP)):
			_running = false
			_rest(min(AHEAD, float(_queued()) / rate - late))
			if late < float(_queued()) / rate - AHEAD:
				return
			_running = true
			continue
		if not _running and late * rate >= 1:
			# No further than this piece: the next has a time of its own.
			turn["at"] += int(min(until - turn["at"], floor(late * rate)))
			_between = 0.0
			_running = turn["at"] < until
			continue
		_running = true
		var room = int(AHEAD * rate) - _queued()
		if room <= 0:
			return
		_push(turn, int(min(room, until - turn["at"])), _speed(late))


func _speed(late):
	if abs(late) > FAR:
		_nudging = 0.0
	elif abs(late) > OFF:
		_nudging = NUDGE if late > 0 else -NUDGE
	elif abs(late) < THERE or late * _nudging < 0:
		_nudging = 0.0
	return 1.0 + _nudging


# Hand over `count` frames of a turn; faster or slower than 1 between its samples.
func _push(turn, count, speed):
	var sound = turn["sound"]
	var loud = (0.3 if state == "overlap" else 1.0) / 32768.0
	var last = int(sound.size() / 2) - 1
	for _each in range(count):
		if turn["at"] > last:
			return
		var level = _sample(sound, turn["at"])
		if _between > 0:
			level += (_sample(sound, int(min(turn["at"] + 1, last))) - level) * _between
		playback.push_frame(Vector2(level * loud, level * loud))
		_quiet = 0
		var next = _between + speed
		turn["at"] += int(floor(next))
		_between = next - floor(next) if speed != 1.0 else 0.0
	turn["at"] = int(min(turn["at"], last + 1))


func _sample(sound, index):
	var sample = sound[2 * index] | sound[2 * index + 1] << 8
	return sample - 65536 if sample >= 32768 else sample


# In a room the output never runs empty, so that it is known when what is handed over is heard.
func _rest(until):
	if not _in_room():
		return
	for _each in range(int(round(until * rate)) - _queued()):
		playback.push_frame(Vector2(0, 0))
		_quiet += 1


# Frames of sound that were handed over and are not heard yet.
func _unheard():
	return int(max(0, _queued() - _quiet))


func _in_room():
	return hello.get("room") != null


func _ask_clock(now):
	if not _in_room() or not _greeted or line.state != "open":
		return
	if now - _clock_asked >= (0.2 if _answers.size() < ANSWERS else 2.0):
		_clock_asked = now
		_send({"type": "ping", "stamp": 1000.0 * now})


# It has come at some moment since the last step.
func _pong(stamp, server, now):
	if not _in_room() or now < stamp:
		return
	if abs(stamp - _clock_asked) < 0.01:
		stamp = _clock_asked  # as it was, before it was written as text
	# Not by `max`: in Godot 3 that has single precision, and clocks are large.
	var grain = min(0.1, now - _before)
	var came = now - grain / 2 if now - grain / 2 > stamp else stamp
	_answers.append([came - stamp, server - (stamp + came) / 2, grain])
	if _answers.size() > ANSWERS:
		_answers.pop_front()


# How far the server's clock is ahead of this one: by the quickest answer, the mean of those that may be it.
func _offset():
	var best = _answers[0]
	for each in _answers:
		if each[0] < best[0]:
			best = each
	var total = 0.0
	var count = 0
	for each in _answers:
		if each[0] <= best[0] + best[2] / 2:
			total += each[1]
			count += 1
	return total / count


func _tell(number, pts, now):
	_told = now
	_send({"type": "playhead", "turn": number, "pts": int(max(0, pts)), "seq": seq})


func _finish(cut, now):
	var turn = _turns.pop_front()
	if not cut:
		_show(turn, turn["end"] + 1)
	_tell(turn["number"], turn["at"] * TICKS / rate, now)
	_running = false
	_between = 0.0
	weights = {}
	if turn["heard"] and _in_room():
		emit_signal("floor_taken", "")
	emit_signal("ended", turn["number"], cut)


func _show(turn, pts):
	while turn["marks"].size() > 0 and turn["marks"][0][0] <= pts:
		var mark = turn["marks"].pop_front()
		if mark[1] == "word":
			emit_signal("word", mark[2])
		else:
			emit_signal("cue", mark[1], mark[2])
	while turn["faces"].size() > 1 and turn["faces"][1][0] <= pts:
		turn["faces"].pop_front()
	if turn["faces"].size() == 0 or turn["faces"][0][0] > pts:
		return
	var now = turn["faces"][0]
	var then = turn["faces"][1] if turn["faces"].size() > 1 else now
	var share = clamp((pts - now[0]) * welcome["face"]["fps"] / TICKS, 0, 1)
	for index in range(welcome["face"]["names"].size()):
		var both = welcome["face"]["ranges"][index]
		var byte = lerp(float(now[1][now[2] + index]), float(then[1][then[2] + index]), share)
		weights[welcome["face"]["names"][index]] = both[0] + (both[1] - both[0]) * byte / 255.0


# A line that has died in silence is given up; in the middle of a dry turn sooner than else.
func _feel(now):
	if line.state != "open" or not _greeted:
		if _next < 0 and now - _came > 10.0:
			line.drop()
		return
	var dry = _open_turn > 0 and not _running
	if _asked < 0 and now - _came >= (1.0 if dry else 2.0):
		_asked = now
		_send({"type": "ping", "stamp": 1000.0 * now})
	elif _asked >= 0 and now - _asked >= (2.0 if dry else 8.0):
		_asked = -1.0
		line.drop()


func _closed(code, now):
	if _lost < 0:
		_lost = now
	if code in OVER or not welcome or now - _lost > welcome["resume_s"]:
		is_over = true
		emit_signal("over", _leaving if _leaving else "the conversation is over (%d)" % code)
		return
	_next = now + PAUSES[int(min(_tries, 5))] * (0.5 + 0.5 * randf())
	_tries += 1
