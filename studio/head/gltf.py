"""Writes a sculpture as one binary glTF 2.0 file: bones, skins, morph targets as sparse accessors, pictures inside.

https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engines.face.rigs import NAMES
from engines.identity.fields import Json
from studio.head.binary import FLOAT, I8, INDICES, U8, U16, U32, VERTICES, Object, Writer
from studio.head.model import OPAQUE, Bytes, Material, Part, Sculpture

GENERATOR: Final = "Companion Bridge"
SMALL: Final = "KHR_mesh_quantization"
QUALITY: Final = {"skin": 88, "eye": 90, "bumps": 80}


@dataclass(frozen=True, slots=True)
class Placed:
    """Where things of a sculpture stand in its file: nodes of bones and parts by name."""

    bones: Mapping[str, int]
    parts: Mapping[str, int]
    materials: Mapping[str, int]
    textures: Mapping[str, int]


def describe(made: Sculpture, writer: Writer, *, copyright_: str = "", small: bool = False) -> tuple[Object, Placed]:
    """Return the JSON of a sculpture, whose data go into `writer`, and where everything stands in it.

    `small` writes normals as bytes, which readers of KHR_mesh_quantization understand.
    """
    images, textures, numbers = _textures(made, writer)
    materials = [_material(material, numbers) for material in made.materials.values()]
    material_numbers = {name: number for number, name in enumerate(made.materials)}
    nodes: list[Object] = []
    bones = _bones(made, nodes)
    skins: list[Json] = []
    meshes: list[Json] = []
    parts: dict[str, int] = {}
    roots: list[Json] = [bones[bone.name] for bone in made.bones if not bone.parent]
    places = {bone.name: np.array(bone.at) for bone in made.bones}
    for part in made.parts:
        origin = places[part.bone] if part.bone else np.zeros(3)
        pictured = bool(made.materials[part.material].picture or made.materials[part.material].normals)
        meshes.append(_mesh(part, writer, material_numbers[part.material], origin, pictured=pictured, small=small))
        node: Object = {"name": part.name, "mesh": len(meshes) - 1}
        number = len(nodes)
        nodes.append(node)
        parts[part.name] = number
        if part.bone:
            _adopt(nodes[bones[part.bone]], number)
        else:
            node["skin"] = len(skins)
            skins.append(_skin(made, writer, bones, part))
            roots.append(number)
    document: Object = {
        "asset": {"version": "2.0", "generator": GENERATOR, **({"copyright": copyright_} if copyright_ else {})},
        "scene": 0,
        "scenes": [{"nodes": roots}],
        "nodes": list(nodes),
        "meshes": meshes,
        "skins": skins,
        "materials": list(materials),
        "textures": list(textures),
        "images": list(images),
        "samplers": [{"magFilter": 9729, "minFilter": 9987, "wrapS": 10497, "wrapT": 10497}],
        "extensionsUsed": [*sorted({name for each in materials for name in _extensions(each)})],
    }
    if small:
        document["extensionsUsed"] = [*sorted({*_names(document["extensionsUsed"]), SMALL})]
        document["extensionsRequired"] = [SMALL]
    if not document["extensionsUsed"]:
        del document["extensionsUsed"]
    return document, Placed(bones, parts, material_numbers, numbers)


def pack(document: Object, writer: Writer) -> bytes:
    """Return the bytes of a GLB."""
    whole: Object = {
        **document,
        "accessors": list(writer.accessors),
        "bufferViews": list(writer.views),
        "buffers": [{"byteLength": len(writer.data)}],
    }
    text = json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    data = bytes(writer.data) + b"\0" * (-len(writer.data) % 4)
    size = 12 + 8 + len(text) + 8 + len(data)
    head = struct.pack("<4sII", b"glTF", 2, size)
    return head + struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(data), b"BIN\0") + data


def glb(made: Sculpture, *, copyright_: str = "", small: bool = True) -> bytes:
    """Return a sculpture as GLB; `small` as `describe` says."""
    writer = Writer()
    document, _ = describe(made, writer, copyright_=copyright_, small=small)
    return pack(document, writer)


# ------------------------------------------------------------------------------------------------ parts


def _adopt(node: Object, child: int) -> None:
    children = node.setdefault("children", [])
    assert isinstance(children, list)
    children.append(child)


def _bones(made: Sculpture, nodes: list[Object]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    places = {bone.name: np.array(bone.at) for bone in made.bones}
    for bone in made.bones:
        origin = places[bone.parent] if bone.parent else np.zeros(3)
        numbers[bone.name] = len(nodes)
        nodes.append({"name": bone.name, "translation": _plain(places[bone.name] - origin)})
        if bone.parent:
            _adopt(nodes[numbers[bone.parent]], numbers[bone.name])
    return numbers


def _skin(made: Sculpture, writer: Writer, bones: Mapping[str, int], part: Part) -> Json:
    matrices = np.tile(np.eye(4, dtype=np.float32), (len(made.bones), 1, 1))
    for number, bone in enumerate(made.bones):
        matrices[number, :3, 3] = -np.array(bone.at)
    # glTF's matrices run down the columns.
    flat = matrices.transpose(0, 2, 1).reshape(len(matrices), 16)
    return {
        "name": part.name,
        "joints": [bones[bone.name] for bone in made.bones],
        "skeleton": bones[made.bones[0].name],
        "inverseBindMatrices": writer.array(flat, "MAT4", FLOAT),
    }


def _mesh(
    part: Part, writer: Writer, material: int, origin: NDArray[np.floating], *, pictured: bool, small: bool
) -> Json:
    count = len(part.positions)
    positions = (part.positions - origin).astype(np.float32)
    attributes: Object = {
        "POSITION": writer.array(positions, "VEC3", FLOAT, target=VERTICES, bounds=True),
        "NORMAL": _normals(part, writer, small=small),
    }
    if pictured:
        attributes["TEXCOORD_0"] = _places(part, writer)
    if part.colours is not None:
        colours = (np.clip(part.colours, 0, 1) * 255 + 0.5).astype(np.uint8)
        attributes["COLOR_0"] = writer.array(colours, "VEC4", U8, target=VERTICES, normalized=True)
    if part.joints is not None and part.weights is not None:
        joints, weights = _bound(part.joints, part.weights)
        attributes["JOINTS_0"] = writer.array(joints, "VEC4", U8, target=VERTICES)
        attributes["WEIGHTS_0"] = writer.array(weights, "VEC4", U8, target=VERTICES, normalized=True)
    index = part.triangles.reshape(-1).astype(np.uint16 if count <= 0xFFFF else np.uint32)
    primitive: Object = {
        "attributes": attributes,
        "indices": writer.array(index, "SCALAR", U16 if count <= 0xFFFF else U32, target=INDICES),
        "material": material,
    }
    mesh: Object = {"name": part.name, "primitives": [primitive]}
    names = [name for name in NAMES if name in part.shapes]
    if names:
        primitive["targets"] = [
            {"POSITION": writer.sparse(part.shapes[name].at, part.shapes[name].by, count)} for name in names
        ]
        mesh["weights"] = [0.0] * len(names)
        mesh["extras"] = {"targetNames": list(names)}
    return mesh


def _normals(part: Part, writer: Writer, *, small: bool) -> int:
    unit = _unit(part.normals)
    if not small:
        return writer.array(unit, "VEC3", FLOAT, target=VERTICES)
    whole = np.rint(unit * 127).astype(np.int8)
    return writer.array(whole, "VEC3", I8, target=VERTICES, normalized=True, stride=4)


def _places(part: Part, writer: Writer) -> int:
    """Add where vertices lie in the picture: as 16-bit parts of it, unless it repeats."""
    if part.uvs.min() < 0 or part.uvs.max() > 1:
        return writer.array(part.uvs.astype(np.float32), "VEC2", FLOAT, target=VERTICES)
    return writer.array(np.rint(part.uvs * 65535).astype(np.uint16), "VEC2", U16, target=VERTICES, normalized=True)


def _bound(joints: NDArray[np.int32], weights: NDArray[np.float32]) -> tuple[Bytes, Bytes]:
    """Return joints and weights as bytes that add up to exactly one; what carries nothing is joint 0."""
    scaled = weights / weights.sum(axis=1, keepdims=True) * 255
    whole = np.floor(scaled + 0.5).astype(np.int64)
    whole[np.arange(len(whole)), whole.argmax(axis=1)] += 255 - whole.sum(axis=1)
    return np.where(whole > 0, joints, 0).astype(np.uint8), whole.astype(np.uint8)


def _unit(normals: NDArray[np.floating]) -> NDArray[np.float32]:
    size = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.where(size > 1e-6, normals / np.maximum(size, 1e-9), (0, 0, 1)).astype(np.float32)


def _textures(made: Sculpture, writer: Writer) -> tuple[list[Json], list[Json], dict[str, int]]:
    images: list[Json] = []
    numbers: dict[str, int] = {}
    for name, picture in made.pictures.items():
        raw, mime = encoded(name, picture)
        images.append({"name": name, "bufferView": writer.view(raw), "mimeType": mime})
        numbers[name] = len(numbers)
    return images, [{"source": number, "sampler": 0} for number in numbers.values()], numbers


def encoded(name: str, picture: Bytes) -> tuple[bytes, str]:
    """Return a picture as PNG where it has alpha, else as JPEG, and its type."""
    out = io.BytesIO()
    if picture.shape[2] == 4:
        flat = np.stack([picture[..., 0], picture[..., 3]], axis=-1)
        grey = bool((picture[..., 0] == picture[..., 1]).all() and (picture[..., 0] == picture[..., 2]).all())
        Image.fromarray(flat if grey else picture).save(out, "PNG", optimize=True)
        return out.getvalue(), "image/png"
    kind = "bumps" if name.endswith("bumps") or name in ("knit", "weave") else name
    Image.fromarray(picture).save(
        out, "JPEG", quality=QUALITY.get(kind, 85), subsampling=0 if kind == "bumps" else 2, optimize=True
    )
    return out.getvalue(), "image/jpeg"


def _material(material: Material, textures: Mapping[str, int]) -> Json:
    surface: Object = {
        "baseColorFactor": list(material.colour),
        "metallicFactor": material.metallic,
        "roughnessFactor": material.roughness,
    }
    if material.picture:
        surface["baseColorTexture"] = {"index": textures[material.picture]}
    row: Object = {"name": material.name, "pbrMetallicRoughness": surface}
    if material.normals:
        row["normalTexture"] = {"index": textures[material.normals], "scale": material.normal_scale}
    if material.alpha != OPAQUE:
        row["alphaMode"] = material.alpha
        if material.alpha == "MASK":
            row["alphaCutoff"] = material.cutoff
    if material.two_sided:
        row["doubleSided"] = True
    if material.specular != 1.0 and not material.toon:
        # The extension scales the 4 % of a non-metal; more than all of it is told by the index of refraction.
        row["extensions"] = {"KHR_materials_specular": {"specularFactor": min(1.0, material.specular)}}
    return row


def _extensions(material: Json) -> Sequence[str]:
    found = material.get("extensions") if isinstance(material, dict) else None
    return list(found) if isinstance(found, dict) else []


def _names(value: Json) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _plain(values: NDArray[np.floating]) -> list[Json]:
    return [float(each) for each in values]
