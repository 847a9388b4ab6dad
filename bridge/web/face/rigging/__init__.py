"""The parts of the face's rig, one module each; `bridge.web.face.make_rig` puts them together."""
