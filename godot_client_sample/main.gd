# The scene: a voice, a face, subtitles and a line to type in. Put your head (GLB or VRM) anywhere in it.
extends Control

@export var url = "ws://127.0.0.1:8765"
@export var user = "Ada"

var _faces = []  # meshes that have shapes

@onready var companion = $Companion
@onready var subtitle = $Words/Subtitle
@onready var disclosure = $Words/Disclosure
@onready var voice = $Voice


func _ready():
	companion.line = preload("res://line.gd").new()
	companion.url = url
	companion.hello["user"] = user
	companion.hello["greet"] = true
	companion.greeted.connect(_greeted)
	companion.word.connect(func(text): subtitle.text += text)
	companion.ended.connect(func(_turn, _cut): subtitle.text += "\n")
	companion.over.connect(func(reason): disclosure.text = reason)
	$Words/Typed.text_submitted.connect(_typed)
	for mesh in find_children("*", "MeshInstance3D", true, false):
		if mesh.get_blend_shape_count() > 0:
			_faces.append(mesh)


func _process(_delta):
	companion.delay = AudioServer.get_output_latency() - AudioServer.get_time_since_last_mix()
	companion.step(Time.get_ticks_usec() / 1e6)
	$Mouth.scale.y = 0.1 + companion.weights.get("jawOpen", 0.0)
	for mesh in _faces:
		for name in companion.weights:
			var shape = mesh.find_blend_shape_by_name(name)
			if shape >= 0:
				mesh.set_blend_shape_value(shape, companion.weights[name])


func _greeted(welcome):
	disclosure.text = "%s %s" % [welcome["identity"].get("disclosure", ""), welcome.get("notice", "")]
	voice.stream = AudioStreamGenerator.new()
	voice.stream.mix_rate = welcome["audio"].get("rate", 24000)
	voice.stream.buffer_length = 0.5
	voice.play()
	companion.sound(voice.get_stream_playback())


func _typed(text):
	companion.say(text)
	$Words/Typed.clear()
	subtitle.text += "You: %s\n" % text


func _exit_tree():
	companion.leave()
