# The sample's companions in Godot 3 without a window: `godot3-server --path FOLDER -s run.gd URL ...`, one for each URL.
# Ends when killed.
extends SceneTree

var companions = []


func _init():
	for word in OS.get_cmdline_args():
		if word.begins_with("ws://"):
			_begin(word)


func _begin(url):
	var companion = load("res://companion.gd").new()
	companion.line = load("res://line3.gd").new()
	companion.url = url
	companion.connect("greeted", self, "_greeted", [companion])
	companion.connect("word", self, "_word")
	companion.connect("over", self, "_over")
	root.add_child(companion)
	companions.append(companion)


func _greeted(welcome, companion):
	if companion.playback:
		return
	var player = AudioStreamPlayer.new()
	player.stream = AudioStreamGenerator.new()
	player.stream.mix_rate = float(welcome["audio"].get("rate", 24000))
	player.stream.buffer_length = 0.5
	root.add_child(player)
	player.play()
	companion.sound(player.get_stream_playback())


func _word(text):
	print(text)


func _over(reason):
	print("over: ", reason)


func _idle(_delta):
	for companion in companions:
		companion.step(OS.get_ticks_usec() / 1e6)
	return false
