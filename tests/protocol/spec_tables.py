"""What SPEC.md must say of each field, derived from the code: its type, its bound and its default."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
from msgspec import NODEFAULT, inspect

from protocol import messages as m

SPEC: Final = Path(m.__file__).with_name("SPEC.md")

CLIENT: Final[tuple[type[msgspec.Struct], ...]] = get_args(m.ClientMessage)
SERVER: Final[tuple[type[msgspec.Struct], ...]] = get_args(m.ServerMessage)


def name(struct: type[msgspec.Struct]) -> str:
    """The `type` of a message."""
    return str(struct.__struct_config__.tag)


def heading(struct: type[msgspec.Struct]) -> str:
    """The heading under which a message stands."""
    return f"### {name(struct)} ({'client' if struct in CLIENT else 'server'})"


def rows(struct: type[msgspec.Struct], prefix: str = "") -> list[tuple[str, str, str, str]]:
    """Field, type, bound and default of every field in order; those of a map within it follow it with dotted names.

    `companion` is left out but in `hello`: it stands once for all messages.
    """
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    found = []
    for field in info.fields:
        if field.encode_name == "companion" and struct is not m.Hello:
            continue
        path = prefix + field.encode_name
        found.append((f"`{path}`", _type(field.type), _bound(field.type), _default(field)))
        if (part := _part(field.type)) is not None:
            listed = isinstance(field.type, inspect.VarTupleType)
            found += rows(part, f"{path}[]." if listed else f"{path}.")
    return found


def _part(kind: Any) -> type[msgspec.Struct] | None:
    match kind:
        case inspect.StructType(cls=part):
            return part
        case inspect.VarTupleType(item_type=item):
            return _part(item)
        case inspect.UnionType(types=types):
            return next((part for part in map(_part, types) if part), None)
        case _:
            return None


def _default(field: inspect.Field) -> str:
    if field.required:
        return "required"
    value = field.default if field.default is not NODEFAULT else field.default_factory()
    return f"`{json.dumps(msgspec.to_builtins(value), ensure_ascii=False)}`"


def _type(kind: Any) -> str:
    match kind:
        case inspect.IntType():
            return "int"
        case inspect.FloatType():
            return "float"
        case inspect.BoolType():
            return "bool"
        case inspect.StrType() | inspect.LiteralType():
            return "str"
        case inspect.BytesType():
            return "bytes"
        case inspect.StructType():
            return "map"
        case inspect.VarTupleType():
            return f"list of {_type(kind.item_type)}"
        case inspect.TupleType():
            return f"list of {len(kind.item_types)} {_type(kind.item_types[0])}"
        case inspect.DictType(value_type=inspect.CustomType() | inspect.AnyType()):
            return "map"
        case inspect.DictType():
            return f"map of {_type(kind.value_type)}"
        case inspect.UnionType():
            known = [part for part in kind.types if not isinstance(part, inspect.NoneType)]
            return f"{_type(known[0])} or null"
        case _:
            raise AssertionError(f"SPEC.md has no word for {kind}")


def _bound(kind: Any) -> str:
    match kind:
        case inspect.IntType() | inspect.FloatType() if kind.ge is not None:
            return f"{_number(kind.ge)}..{_number(kind.le)}"
        case inspect.StrType() if kind.max_length is not None:
            pattern = f", matching `{kind.pattern}`" if kind.pattern else ""
            return f"≤ {kind.max_length} characters{pattern}"
        case inspect.LiteralType():
            return ", ".join(f'`"{value}"`' for value in kind.values)
        case inspect.BytesType() if kind.max_length is not None:
            return f"≤ {kind.max_length} bytes"
        case inspect.VarTupleType() if kind.max_length is not None:
            item = _bound(kind.item_type)
            return f"≤ {kind.max_length} items" + ("" if item == "" else f" of {item}")
        case inspect.TupleType():
            return _bound(kind.item_types[0])
        case inspect.DictType() if kind.max_length is not None:
            return f"≤ {kind.max_length} keys of {_bound(kind.key_type)}, values {_bound(kind.value_type)}"
        case inspect.UnionType():
            known = [part for part in kind.types if not isinstance(part, inspect.NoneType)]
            return _bound(known[0])
        case _:
            return ""


def _number(value: float | None) -> str:
    return "2^53" if value == m.SAFE_INT else f"{value:g}"
