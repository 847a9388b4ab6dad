# line.gd for Godot 3: its WebSocket has another name and tells by signals.
extends Reference

var state = "closed"
var code = 1006
var _client


func open(url):
	_client = WebSocketClient.new()
	_client.set_buffers(1024, 4096, 256, 1024)
	_client.connect("connection_established", self, "_on_open")
	_client.connect("connection_error", self, "_on_closed")
	_client.connect("connection_closed", self, "_on_closed")
	_client.connect("server_close_request", self, "_on_request")
	code = 1006
	state = "connecting"
	if _client.connect_to_url(url, PoolStringArray(["companion.v1.json"])) != OK:
		state = "closed"


func poll():
	if _client and state != "closed":
		_client.poll()
	# A close whose code it does not know (1012) it takes without a signal.
	if state == "open" and not _client.get_peer(1).is_connected_to_host():
		state = "closed"


func receive():
	if state != "open" or _client.get_peer(1).get_available_packet_count() == 0:
		return null
	var parsed = JSON.parse(_client.get_peer(1).get_packet().get_string_from_utf8())
	return parsed.result if parsed.error == OK and parsed.result != null else {}


func say(fields):
	_client.get_peer(1).put_packet(JSON.print(fields).to_utf8())


func drop():
	_client.disconnect_from_host(1000, "")
	_client = null
	code = 1006
	state = "closed"


func _on_open(_protocol):
	_client.get_peer(1).set_write_mode(WebSocketPeer.WRITE_MODE_TEXT)
	state = "open"


func _on_request(given, _reason):
	code = given


func _on_closed(_clean = false):
	state = "closed"
