"""The parts of the face's rig, one module each; `tools.face.make_rig` puts them together."""
