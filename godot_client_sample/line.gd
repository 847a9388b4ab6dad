# What carries the conversation in Godot 4: a WebSocketPeer with the JSON subprotocol. One map in, one map out.
extends RefCounted

var state = "closed"  # or "connecting", "open"
var code = 1006  # of the last close
var _peer


func open(url):
	_peer = WebSocketPeer.new()
	_peer.supported_protocols = PackedStringArray(["companion.v1.json"])
	_peer.inbound_buffer_size = 1 << 20
	_peer.max_queued_packets = 4096
	state = "connecting" if _peer.connect_to_url(url) == OK else "closed"
	code = 1006


func poll():
	if _peer == null or state == "closed":
		return
	_peer.poll()
	match _peer.get_ready_state():
		WebSocketPeer.STATE_OPEN:
			state = "open"
		WebSocketPeer.STATE_CLOSED:
			state = "closed"
			code = _peer.get_close_code() if _peer.get_close_code() > 0 else 1006


# The next message, {} for what is none, null when nothing waits.
func receive():
	if state != "open" or _peer.get_available_packet_count() == 0:
		return null
	var json = JSON.new()
	var text = _peer.get_packet().get_string_from_utf8()
	return json.data if json.parse(text) == OK and json.data != null else {}


func say(fields):
	_peer.send_text(JSON.stringify(fields))


# Give up a line that has died.
func drop():
	_peer = null
	state = "closed"
	code = 1006
