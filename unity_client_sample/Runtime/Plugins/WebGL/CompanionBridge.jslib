// What browsers have instead of sockets, audio filters and microphones. Everything is polled by C#: nothing calls back.
var CompanionBridgeLibrary = {
  $Companion: {
    sockets: [],
    context: null,
    gain: null,
    scheduled: 0, // frames of the context; whole ones, for a browser interpolates what begins between two
    heard: 0, // the last second told as audible
    microphone: { state: 0, rate: 0, missed: 0, chunks: [], stream: null, node: null },

    text: function (pointer) {
      return UTF8ToString(pointer);
    },

    audio: function () {
      if (Companion.context) return Companion.context;
      var Context = window.AudioContext || window.webkitAudioContext;
      var context = new Context({ latencyHint: "interactive" });
      Companion.context = context;
      Companion.gain = context.createGain();
      Companion.gain.connect(context.destination);
      // Browsers make no sound before the user has touched the page.
      var wake = function () {
        context.resume();
      };
      ["pointerdown", "keydown", "touchend"].forEach(function (kind) {
        window.addEventListener(kind, wake);
      });
      return context;
    },

    // Second of the context that leaves the loudspeaker now. The device's stamp is carried on by the page's clock, which
    // runs ahead of a device that stalls: what was not rendered is not heard yet, and what was heard stays heard.
    audible: function () {
      var context = Companion.audio();
      var stamp = context.getOutputTimestamp ? context.getOutputTimestamp() : null;
      var second =
        stamp && stamp.performanceTime > 0
          ? stamp.contextTime + (performance.now() - stamp.performanceTime) / 1000
          : context.currentTime - (context.outputLatency || context.baseLatency || 0);
      Companion.heard = Math.max(Companion.heard, Math.min(second, context.currentTime));
      return Companion.heard;
    },
  },

  CompanionSocketOpen: function (url, protocol) {
    var entry = { socket: null, inbox: [], code: 0, reason: "" };
    var id = Companion.sockets.push(entry) - 1;
    try {
      entry.socket = new WebSocket(Companion.text(url), [Companion.text(protocol)]);
    } catch (error) {
      entry.code = 1006;
      entry.reason = String(error.message);
      return id;
    }
    entry.socket.binaryType = "arraybuffer";
    entry.socket.onmessage = function (event) {
      // A text frame is no message of this subprotocol; it is passed on and fails to decode.
      entry.inbox.push(typeof event.data === "string" ? new TextEncoder().encode(event.data) : new Uint8Array(event.data));
    };
    entry.socket.onclose = function (event) {
      entry.code = event.code;
      entry.reason = event.reason;
    };
    return id;
  },

  CompanionSocketIsOpen: function (id) {
    var socket = Companion.sockets[id].socket;
    return socket && socket.readyState === 1 ? 1 : 0;
  },

  // Code of the close; 0 while it is not closed or messages still wait.
  CompanionSocketClosed: function (id) {
    var entry = Companion.sockets[id];
    return entry.inbox.length ? 0 : entry.code;
  },

  CompanionSocketReason: function (id, into, most) {
    var bytes = new TextEncoder().encode(Companion.sockets[id].reason).subarray(0, most);
    HEAPU8.set(bytes, into);
    return bytes.length;
  },

  // Length of the next message, 0 for none; it is taken when it fits.
  CompanionSocketReceive: function (id, into, most) {
    var inbox = Companion.sockets[id].inbox;
    if (!inbox.length) return 0;
    var length = inbox[0].length;
    if (length <= most) HEAPU8.set(inbox.shift(), into);
    return length;
  },

  CompanionSocketSend: function (id, from, count) {
    var socket = Companion.sockets[id].socket;
    if (!socket || socket.readyState !== 1 || socket.bufferedAmount > 1048576) return 0;
    socket.send(HEAPU8.slice(from, from + count));
    return 1;
  },

  CompanionSocketClose: function (id) {
    var entry = Companion.sockets[id];
    entry.inbox = [];
    if (!entry.socket) return;
    entry.socket.onmessage = entry.socket.onclose = null;
    entry.socket.close(1000, "bye");
  },

  CompanionAudioRate: function () {
    return Companion.audio().sampleRate;
  },

  CompanionAudioIsRunning: function () {
    return Companion.audio().state === "running" ? 1 : 0;
  },

  CompanionAudioAudible: function () {
    return Companion.audible();
  },

  // Seconds that are scheduled beyond now.
  CompanionAudioAhead: function () {
    var context = Companion.audio();
    return Math.max(0, Companion.scheduled / context.sampleRate - context.currentTime);
  },

  // Play samples right after the last; returns the second of the context at which they begin.
  CompanionAudioPush: function (from, count) {
    var context = Companion.audio();
    var buffer = context.createBuffer(1, count, context.sampleRate);
    buffer.getChannelData(0).set(HEAPF32.subarray(from >> 2, (from >> 2) + count));
    var source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(Companion.gain);
    var frame = Math.max(Companion.scheduled, Math.ceil((context.currentTime + 0.005) * context.sampleRate));
    source.start(frame / context.sampleRate);
    Companion.scheduled = frame + count;
    return frame / context.sampleRate;
  },

  CompanionAudioVolume: function (volume) {
    Companion.audio();
    Companion.gain.gain.value = volume;
  },

  // 0 closed, 1 asking, 2 open, 3 denied, 4 missing.
  CompanionMicrophoneState: function () {
    return Companion.microphone.state;
  },

  CompanionMicrophoneRate: function () {
    return Companion.microphone.rate;
  },

  // Whether the browser can take out what the page plays; it is asked to when the microphone opens.
  CompanionMicrophoneCancelsEcho: function () {
    var mic = Companion.microphone;
    var devices = navigator.mediaDevices;
    if (mic.stream) return mic.stream.getAudioTracks()[0].getSettings().echoCancellation === true ? 1 : 0;
    return devices && devices.getSupportedConstraints && devices.getSupportedConstraints().echoCancellation ? 1 : 0;
  },

  // Seconds of sound that were not read in time, since it opened.
  CompanionMicrophoneMissed: function () {
    var mic = Companion.microphone;
    return mic.rate ? mic.missed / mic.rate : 0;
  },

  CompanionMicrophoneOpen: function () {
    var mic = Companion.microphone;
    if (mic.state === 1 || mic.state === 2) return;
    mic.missed = 0;
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) {
      mic.state = 4;
      return;
    }
    mic.state = 1;
    var wanted = { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 } };
    navigator.mediaDevices.getUserMedia(wanted).then(
      function (stream) {
        if (mic.state !== 1) {
          stream.getTracks().forEach(function (track) {
            track.stop();
          });
          return;
        }
        var context = Companion.audio();
        var source = context.createMediaStreamSource(stream);
        // A worklet needs a file of its own beside the page, which a package cannot add; this node needs none.
        var node = context.createScriptProcessor(2048, 1, 1);
        node.onaudioprocess = function (event) {
          // Two seconds are kept for a game that stands still; what is older is lost, and counted.
          if (mic.chunks.length >= 50) mic.missed += mic.chunks.shift().length;
          mic.chunks.push(new Float32Array(event.inputBuffer.getChannelData(0)));
        };
        source.connect(node);
        node.connect(context.destination);
        mic.stream = stream;
        mic.node = node;
        mic.rate = context.sampleRate;
        mic.state = 2;
        stream.getTracks()[0].onended = function () {
          mic.state = 4;
        };
      },
      function (error) {
        // Only these two are the user's or the page's no; a device may also be missing, taken or broken.
        mic.state = error && (error.name === "NotAllowedError" || error.name === "SecurityError") ? 3 : 4;
      }
    );
  },

  CompanionMicrophoneClose: function () {
    var mic = Companion.microphone;
    if (mic.stream)
      mic.stream.getTracks().forEach(function (track) {
        track.onended = null;
        track.stop();
      });
    if (mic.node) mic.node.disconnect();
    mic.stream = mic.node = null;
    mic.chunks = [];
    mic.state = 0;
  },

  // New samples, whole chunks only.
  CompanionMicrophoneRead: function (into, most) {
    var chunks = Companion.microphone.chunks;
    var done = 0;
    while (chunks.length && done + chunks[0].length <= most) {
      HEAPF32.set(chunks[0], (into >> 2) + done);
      done += chunks.shift().length;
    }
    return done;
  },
};

autoAddDeps(CompanionBridgeLibrary, "$Companion");
mergeInto(LibraryManager.library, CompanionBridgeLibrary);
